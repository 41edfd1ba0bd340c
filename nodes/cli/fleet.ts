import type { Command } from 'commander';
import { registerAdapt } from './fleet/adapt.js';
import { registerBags, registerMerge } from './fleet/bags.js';
import { registerWorker } from './fleet/worker.js';

/** `rxdepth fleet`. */
export function register(program: Command): void {
  const fleet = program
    .command('fleet')
    .summary('replay, measure and learn from many bags, on one machine or many')
    .description(
      'Work over many recorded drives: in processes of this machine, or on a queue of many machines.',
    );
  registerBags(fleet);
  registerAdapt(fleet);
  registerMerge(fleet);
  registerWorker(fleet);
}
