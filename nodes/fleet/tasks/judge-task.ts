import { ADAPT_RESULT, NOT_PROMOTED, REFUSED_OF_ADAPT, resultOfAdapt } from './adapt-result.js';
import type { FleetTask } from './fleet-task.js';

/** Judges a candidate against the model on drives of one vehicle that nobody learned from. */
export const JUDGE_TASK: FleetTask = {
  command: 'adapt',
  hasOutput: true,
  needsHome: true,
  refused: REFUSED_OF_ADAPT,
  answers: [NOT_PROMOTED],
  arguments: ({ bags, candidate = '', flags }, { output }) => [
    ...['adapt', ...bags, '--judge-only', '--model', candidate, '--no-promote', '-o', output],
    ...flags,
  ],
  resultIn: resultOfAdapt,
  read(json) {
    const facts = ADAPT_RESULT.parse(json);
    return { missing: facts.damage ?? [], facts };
  },
};
