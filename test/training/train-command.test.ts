import test from 'ava';
import { Command, type CommanderError } from 'commander';
import { register } from '../../training/cli/train.js';
import { addMethodFlags, givenOptions } from '../../training/cli/train-method.js';
import { supervised } from '../../training/methods/supervised/supervised.js';
import { completeOptions } from '../../training/runs/complete-options.js';

/** What `rxdepth train ARGS` says before it trains anything. */
async function refusal(...args: string[]): Promise<string> {
  const program = new Command('rxdepth').exitOverride().configureOutput({ writeErr: () => undefined });
  register(program);
  const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program)) {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  }
  try {
    await program.parseAsync(['train', ...args], { from: 'user' });
  } catch (error) {
    return (error as CommanderError).message;
  }
  throw new Error('it was not refused');
}

test('a method that is not there is told by its name, with those that are', async (t) => {
  for (const args of [['sgdpth'], ['sgdpth', '-o', 'RUN']]) {
    t.regex(
      await refusal(...args),
      /unknown method 'sgdpth': expected one of supervised, .*s2r-depthnet.*, or ablation$/,
    );
  }
});

test('methods that are there, and the standard one without a name, ask for what they need', async (t) => {
  for (const args of [[], ['supervised'], ['sgdepth'], ['--seed', '3']])
    t.regex(await refusal(...args), /required option '-o, --output <folder>' not specified/);
});

test('networks to take from nowhere are refused', async (t) => {
  t.regex(
    await refusal('supervised', '-o', 'RUN', '--init-parts', 'encoder'),
    /--init-parts: expected `--init` beside it/,
  );
});

test('a preset decides what no flag said, and a flag decides before it', (t) => {
  const confidenceOf = (...args: string[]) => {
    const command = new Command('train').exitOverride();
    addMethodFlags(command, supervised, { optional: true });
    command.parse(args, { from: 'user' });
    const options = completeOptions(supervised, givenOptions(supervised, command.opts()));
    return Object.entries(options).find(([key]) => key === 'confidence')?.[1];
  };
  t.is(confidenceOf('--preset', 'paper'), false, 'the preset without a confidence');
  t.is(confidenceOf(), true);
  t.is(confidenceOf('--no-confidence'), false);
});
