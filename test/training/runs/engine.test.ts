import test from 'ava';
import { deviceAbsence } from '../../../models/device-presence.js';
import { checkEngineChoice, chooseEngine } from '../../../training/runs/engine.js';

test('what cannot run is refused before data are made', (t) => {
  t.throws(() => checkEngineChoice({ precision: 'mixed' }), {
    name: 'TrainingError',
    message: /expected `single` on the CPU, got mixed/,
  });
  if (deviceAbsence('cuda') !== undefined) {
    t.throws(() => checkEngineChoice({ device: 'cuda' }), {
      name: 'ModelError',
      message: /Device `cuda` is not available/,
    });
  }
  t.notThrows(() => checkEngineChoice({ device: 'cpu', precision: 'single', recompute: 'all' }));
});

test('eager steps take no options of the compiled step', async (t) => {
  await t.throwsAsync(
    chooseEngine({ eager: 'cpu', recompute: 'cheap' }, () => {}),
    {
      name: 'TrainingError',
      message: /--eager cpu: expected no .*`--recompute`/,
    },
  );
});
