import test from 'ava';
import { adversarialDepth } from '../../../training/methods/adversarial-depth/adversarial-depth.js';
import { daMonodepth } from '../../../training/methods/da-monodepth/da-monodepth.js';
import { dada } from '../../../training/methods/dada/dada.js';
import { s2rDepthnet } from '../../../training/methods/s2r-depthnet/s2r-depthnet.js';
import { completeOptions } from '../../../training/runs/complete-options.js';
import type { Method } from '../../../training/runs/method.js';

const DATA = { source: 'simulator:town-clean', target: 'pictures:somewhere' };

/** What is said of options as a command line gives them. */
const CASES: readonly (readonly [Method, Record<string, unknown>, string])[] = [
  [daMonodepth, { ...DATA, width: 100, height: 60 }, '--size: expected multiples of 32, got `100x60`'],
  [daMonodepth, { ...DATA, sourceBatch: 0 }, '--batch: expected more than 0, got `0`'],
  [daMonodepth, { ...DATA, length: { steps: 0 } }, '--steps: expected more than 0, got `0`'],
  [daMonodepth, { ...DATA, length: { steps: 1.5 } }, '--steps: expected a whole number, got `1.5`'],
  [daMonodepth, { ...DATA, length: { epochs: -1 } }, '--epochs: expected more than 0, got `-1`'],
  [
    daMonodepth,
    { ...DATA, l1Share: 2, seed: -1 },
    '--l1-share: expected at most 1, got `2`; --seed: expected at least 0, got `-1`',
  ],
  [
    dada,
    { target: DATA.target, width: 100, height: 60 },
    '--size: expected multiples of 8, at least `64x64`: the discriminator halves its input five times, got 100x60',
  ],
  [
    dada,
    { target: DATA.target, sourceWidth: 64, sourceHeight: 32 },
    '--source-size: expected multiples of 8, at least `64x64`: the discriminator halves its input five times, got 64x32',
  ],
  [
    s2rDepthnet,
    { phases: ['paint'] },
    '--phases: expected `translation` or `structure` or `attention`, got `paint`',
  ],
  [
    adversarialDepth,
    { width: 100, height: 60 },
    '--size: expected multiples of `32` for 5 levels, got 100x60; give another size, or fewer `--levels`',
  ],
  [adversarialDepth, { levels: 20 }, '--levels: expected at most 10, got `20`'],
];

for (const [method, given, expected] of CASES) {
  test(`${method.name} says once what is wrong with ${JSON.stringify(given)}`, (t) => {
    const error = t.throws(() => completeOptions(method, given), { name: 'TrainingError' });
    t.is(error?.message, `train ${method.name}: ${expected}`);
  });
}
