import { VersionStore } from '../../models/versions/version-store.js';
import { ADAPTATION_SETTINGS } from '../../training/adaptation/adaptation-settings.js';
import { runAdaptation } from '../../training/adaptation/run-adaptation.js';

/**
 * Child of kill-moments.ts: adapts a tiny model to a tiny drive, and promotes the candidate whatever the judge says, until
 * it is killed; with `once` as its last argument, one run. `node adapt-tiny.js HOME SHIPPED BAG SEED`.
 */
const [home = '', shipped = '', bag = '', seed = '1'] = process.argv.slice(2);
const store = new VersionStore({ home, shipped, keep: 3 });
const say = (text: string) => process.stdout.write(`${text}\n`);
do {
  say('adapt: looking through the drive');
  const result = await runAdaptation(
    {
      ...{ bags: [bag], names: {}, model: undefined, judgeOnly: false, promote: true, out: undefined },
      ...{ minutes: 5, steps: 4, mostFrames: 200, command: 'bench:kill', threads: 1 },
      settings: {
        ...ADAPTATION_SETTINGS,
        samples: { rehearsed: 3, judged: 2 },
        ...(seed !== 'once' && { seed: (Number(seed) % 1000) + 1 }),
      },
      signal: new AbortController().signal,
      report: (line) => say(`adapt: ${/^step|\bstep \d/.test(line) ? 'learning' : 'preparing or judging'}`),
    },
    store,
  );
  say('adapt: promoting');
  if (result.folder !== undefined && result.outcome !== 'promoted') {
    await store.promote(`${result.folder}/candidate`, await store.current());
  }
} while (seed !== 'once');
