import { linearDepth } from '../../../training/methods/linear-depth/linear-depth.js';
import { completeOptions } from '../../../training/runs/complete-options.js';
import type { Method } from '../../../training/runs/method.js';
import { runMethod } from '../../../training/runs/run.js';

/** Trains with three batches a step in FOLDER; as if by kill -9 it ends before batch KILLED, where that is given. */
const [folder = '', dataFolder = '', killed] = process.argv.slice(2);

const method: Method = {
  ...linearDepth,
  host: async () => [
    {
      ...{ name: 'killer', after: () => ({}), save: () => ({}), restore: () => {}, release: async () => {} },
      before: (_batch, index) => {
        if (String(index) === killed) process.kill(process.pid, 'SIGKILL');
        return {};
      },
    },
  ],
};

await runMethod(method, {
  ...{ folder, dataFolder, threads: 1, every: 2, signal: new AbortController().signal, report: () => {} },
  options: completeOptions(linearDepth, {
    ...{ samples: 8, validation: 1, width: 64, height: 32, batchSize: 2, accumulate: 3, steps: 6, seed: 1 },
  } as object), // options of the method
});
