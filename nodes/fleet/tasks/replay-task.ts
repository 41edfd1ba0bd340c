import { z } from 'zod';
import type { FleetTask } from './fleet-task.js';
import { PROBLEM, problemText } from './problem-text.js';

const SUMMARY = z.object({
  framesFailed: z.number(),
  faults: z.array(z.object({ stage: z.string(), reason: z.string(), count: z.number() })),
  problems: z.array(PROBLEM),
});

/** Perception on one bag, into an output bag. */
export const REPLAY_TASK: FleetTask = {
  command: 'replay',
  hasOutput: true,
  refused: ['-o', '--output', '--overwrite', '--model', '--follow', '--pictures', '--json'],
  arguments: ({ bags: [bag = ''], model, flags }, { output, result }) => [
    ...['replay', bag, '-o', output, '--model', model, '--json', result],
    ...flags,
  ],
  read(json) {
    const { problems, faults } = SUMMARY.parse(json);
    return {
      missing: [
        ...problems.map(problemText),
        ...faults.map(({ stage, reason, count }) => `${count} images: ${stage}: ${reason}`),
      ],
    };
  },
};
