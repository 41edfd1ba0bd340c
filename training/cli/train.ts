import type { Command } from 'commander';
import { METHODS } from '../methods/methods.js';
import { registerMethod } from './train-method.js';
import { registerSgdepthAblation } from './train-sgdepth-ablation.js';

/** `rxdepth train`: a command for each method. */
export function register(program: Command): void {
  const [standard] = METHODS;
  const train = program
    .command('train')
    .description(`Train networks by the compiled step; without a method: ${standard?.name}.`);
  for (const method of METHODS) registerMethod(train, method, { isDefault: method === standard });
  registerSgdepthAblation(train);
}
