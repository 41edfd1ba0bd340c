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
    .summary('train networks, by one of several papers')
    .description(`Train networks by the compiled step; without a method: ${standard?.name}.`);
  train.hook('preSubcommand', (_, chosen) => {
    // The standard method is chosen, too, when a name is misspelt; then it would only say that there are too many arguments.
    const [named = '-'] = train.args;
    if (named.startsWith('-') || chosen.name() === named || chosen.name() !== standard?.name) return;
    train.error(
      `error: unknown method '${named}': expected one of ${METHODS.map(({ name }) => name).join(', ')}, or ablation`,
    );
  });
  for (const method of METHODS) registerMethod(train, method, { isDefault: method === standard });
  registerAblations(train, METHODS);
  // As it was called when there was one.
  registerAblation(train.command('sgdepth-ablation', { hidden: true }), sgdepth);
}
