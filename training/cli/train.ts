import type { Command } from 'commander';
import { registerSgdepth } from './train-sgdepth.js';
import { registerSgdepthAblation } from './train-sgdepth-ablation.js';
import { registerSupervised } from './train-supervised.js';

/** `rxdepth train`: a command for each method. */
export function register(program: Command): void {
  const train = program
    .command('train')
    .description('Train networks by the compiled step; without a method: supervised, in the simulator.');
  registerSupervised(train);
  registerSgdepth(train);
  registerSgdepthAblation(train);
}
