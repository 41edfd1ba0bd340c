import test from 'ava';
import { Command, type CommanderError } from 'commander';

type Register = (program: Command) => void;

/** What a command says before it opens anything: none of the files that are named exists. */
async function refusal(register: Register, args: readonly string[]): Promise<string> {
  const program = new Command('rxdepth');
  register(program);
  const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program)) {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  }
  return await program.parseAsync(args, { from: 'user' }).then(
    () => 'it was not refused',
    (error: CommanderError) => error.message,
  );
}

const COMMANDS: readonly [module: string, args: readonly string[], options: readonly string[]][] = [
  [
    'training/cli/adapt',
    ['adapt', 'DRIVE'],
    ['--steps', '--minutes', '--deadline', '--frames', '--learning-rate'],
  ],
  [
    'training/cli/model',
    ['model', 'quantize', 'MODEL', '-o', 'OUT', '--calibrate', 'DRIVE'],
    ['--pictures', '--threads'],
  ],
  ['training/cli/train', ['train', 'sgdepth', '-o', 'RUN'], ['--every', '--threads']],
  ['training/cli/train', ['train', 'ablation', 'sgdepth', '-o', 'RUN'], ['--seeds', '--every', '--cap']],
  ['training/cli/evaluate', ['evaluate', 'OUTPUT', '--truth', 'BAG'], ['--cap', '--limit', '--panel-every']],
  [
    'nodes/cli/replay',
    ['replay', 'BAG'],
    ['--limit', '--panel-every', '--points-stride', '--rate', '--duration', '--threads'],
  ],
  ['nodes/cli/watch', ['watch', 'FOLDER'], ['--minutes']],
];

for (const [module, args, options] of COMMANDS) {
  for (const option of options) {
    test(`${args.slice(0, 2).join(' ')} ${option} 0 is refused by its name at once`, async (t) => {
      const { register } = (await import(`../../${module}.js`)) as { readonly register: Register };
      for (const value of ['0', '-1']) {
        const said = await refusal(register, [...args, option, value]);
        t.regex(
          said,
          new RegExp(`option '(-\\w, )?${option} <.*>' argument '${value}' is invalid\\. expected`),
        );
      }
    });
  }
}
