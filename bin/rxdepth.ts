import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { explainError } from '../models/explain-error.js';
import { letHeapsGrow } from '../models/let-heaps-grow.js';
import { endWithParent, underMemorySettings } from '../models/memory-settings.js';
import { checkOpenFiles } from '../models/open-files.js';
import { packageRoot } from '../models/package-root.js';
import { NodeError } from '../nodes/errors.js';
import { TrainingError } from '../training/errors.js';

/** Commands by name and the module that registers each; loaded only when it is called, or when help is asked for. */
const COMMANDS: Readonly<Record<string, string>> = {
  replay: '../nodes/cli/replay.js',
  view: '../nodes/cli/view.js',
  watch: '../nodes/cli/watch.js',
  fleet: '../nodes/cli/fleet.js',
  simulate: '../training/cli/simulate.js',
  train: '../training/cli/train.js',
  export: '../training/cli/export.js',
  evaluate: '../training/cli/evaluate.js',
  report: '../training/cli/report.js',
  model: '../training/cli/model.js',
  adapt: '../training/cli/adapt.js',
};

/** Commands that a fleet runs: it asks them for their flags. */
const FLEET_TASKS: readonly string[] = ['replay', 'evaluate', 'adapt'];

async function main(args: readonly string[]): Promise<void> {
  letHeapsGrow();
  const program = new Command('rxdepth')
    .description('Streaming depth, segmentation, dynamic-class masks and point clouds from a camera.')
    .version(version())
    .showHelpAfterError('(`--help` lists the options)');
  refuseEmpty(program, args);
  const named = args.find((arg) => !arg.startsWith('-') && arg !== 'help');
  const module = named === undefined ? undefined : COMMANDS[named];
  if (module !== undefined && named !== 'model' && !args.includes('--help')) checkOpenFiles();
  // The commands that run for hours.
  if ((named === 'replay' || named === 'view') && !args.includes('--help')) {
    if (await underMemorySettings()) return;
  } else endWithParent();
  if (named === 'model' && args.includes('import') && args.some((arg) => /\.(ya?ml|json)$/i.test(arg))) {
    const { underTrialLimit } = await import('../training/cli/guarded-import.js');
    if (await underTrialLimit(args)) return;
  }
  for (const [name, file] of Object.entries(COMMANDS)) {
    const isAsked = named === 'fleet' && FLEET_TASKS.includes(name);
    if (module === undefined || name === named || isAsked) await load(program, file);
  }
  if (module === undefined && named !== undefined) suggestGroups(program, named);
  await program.parseAsync(args, { from: 'user' });
}

/** What an unset variable of a shell leaves: it would be taken for the current folder, for 0, or for a topic. */
function refuseEmpty(program: Command, args: readonly string[]): void {
  const at = args.findIndex((arg) => arg.trim() === '' || /^--[\w-]+=$/.test(arg));
  if (at < 0) return;
  const where = args[at]?.startsWith('--')
    ? `\`${args[at]}\``
    : at === 0
      ? 'the first argument'
      : `the argument after \`${args[at - 1]}\``;
  program.error(`error: ${where} is empty: say what is meant, or leave it out (an unset variable?)`);
}

/** Says of `import` that it is `model import`; what no group knows either is left to commander, which looks for similar names. */
function suggestGroups(program: Command, named: string): void {
  const isNamed = (command: Command) => command.name() === named;
  const groups = program.commands.filter(({ commands }) => commands.some(isNamed));
  if (groups.length === 0) return;
  const meant = groups.map((group) => `\`rxdepth ${group.name()} ${named}\``).join(' or ');
  program.error(`error: unknown command '${named}'\n(Did you mean ${meant}?)`);
}

async function load(program: Command, file: string): Promise<void> {
  const url = new URL(file, import.meta.url);
  if (!existsSync(fileURLToPath(url))) return;
  const { register } = (await import(url.href)) as { register: (program: Command) => void };
  register(program);
}

function version(): string {
  const { version } = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

function fail(error: unknown): void {
  process.stderr.write(`rxdepth: ${explainError(error, [NodeError, TrainingError])}\n`);
  process.exitCode = 1;
}

process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});

// A reader that went away (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  fail(error);
}
