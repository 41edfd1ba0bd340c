import { ADAPT_RESULT, NOT_PROMOTED, REFUSED_OF_ADAPT, resultOfAdapt } from './adapt-result.js';
import type { FleetTask } from './fleet-task.js';

/** Learns one candidate from drives of any number of vehicles. */
export const LEARN_TASK: FleetTask = {
  command: 'adapt',
  hasOutput: true,
  needsHome: true,
  refused: REFUSED_OF_ADAPT,
  answers: [NOT_PROMOTED],
  arguments: ({ bags, model, flags }, { output }) => [
    ...['adapt', ...bags, '--model', model, '--no-promote', '-o', output],
    ...flags,
  ],
  resultIn: resultOfAdapt,
  read(json) {
    const facts = ADAPT_RESULT.parse(json);
    return { missing: facts.damage ?? [], facts };
  },
};
