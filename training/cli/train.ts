import type { Command } from 'commander';
import { METHODS } from '../methods/methods.js';
import { sgdepth } from '../methods/sgdepth/sgdepth.js';
import { registerAblation, registerAblations } from './train-ablation.js';
import { registerMethod } from './train-method.js';

/** `rxdepth train`: a command for each method. */
export function register(program: Command): void {
  const [standard] = METHODS;
  const train = program
    .command('train')
    .description(`Train networks by the compiled step; without a method: ${standard?.name}.`);
  for (const method of METHODS) registerMethod(train, method, { isDefault: method === standard });
  registerAblations(train, METHODS);
  // As it was called when there was one.
  registerAblation(train.command('sgdepth-ablation', { hidden: true }), sgdepth);
}
