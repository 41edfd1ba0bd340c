import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { stopOnSignals } from '../../models/stop-on-signals.js';
import { NodeError } from '../errors.js';
import type { FleetJob } from '../fleet/fleet-job.js';
import type { JobOutcome } from '../fleet/run-jobs.js';
import { parseCount } from './replay-options.js';

interface Flags {
  readonly output: string;
  readonly list?: string;
  readonly model?: string;
  readonly workers?: number;
  readonly retries: string;
  readonly replayFlags?: string;
}

export function register(program: Command): void {
  const fleet = program
    .command('fleet')
    .description('Work over many recorded drives, on this machine, in processes of their own.');
  fleet
    .command('replay')
    .summary('run perception on many bags')
    .description(
      'Replays many bags into one folder, a few at a time. A bag is done once for the same content, model and flags: ' +
        'the same command goes on after a kill, and leaves what is done alone. `ledger.jsonl` says what happened, ' +
        '`report.json` what came of it, `logs/` what each replay said.',
    )
    .argument('[bags...]', 'bag folders, .mcap or .db3 files')
    .requiredOption('-o, --output <folder>', 'folder of the outputs, one bag for each')
    .option('--list <file>', 'more bags, one path a line')
    .option('--model <folder>', 'model folder or version NAME/N (default: the current one)')
    .option('--workers <count>', 'bags at a time (default: half of the cores)', parseCount)
    .option('--retries <count>', 'how often a bag that fails is tried again', '1')
    .option('--replay-flags <flags>', "flags of `rxdepth replay` for every bag, in quotes: '--no-motion'")
    .action(replayCommand);
}

async function replayCommand(bags: readonly string[], flags: Flags): Promise<void> {
  const retries = Number(flags.retries);
  if (!Number.isInteger(retries) || retries < 0)
    throw new NodeError(`fleet replay: expected \`--retries\` to be 0 or more, got \`${flags.retries}\``);
  const listed = flags.list === undefined ? [] : await linesOf(flags.list);
  const { replayFleet } = await import('../fleet/replay-fleet.js');
  const stop = stopOnSignals('rxdepth: ending the replays that run; the same command goes on later');
  try {
    const report = await replayFleet({
      bags: [...bags, ...listed],
      folder: path.resolve(flags.output),
      ...(flags.model !== undefined && { model: flags.model }),
      flags: flags.replayFlags?.split(/\s+/).filter((flag) => flag !== '') ?? [],
      workers: flags.workers ?? Math.max(1, availableParallelism() >> 1),
      ...{ retries, signal: stop.signal, onEvent: tell },
    });
    const count = (state: JobOutcome['state']) => report.jobs.filter((job) => job.state === state).length;
    process.stdout.write(
      `${report.jobs.length} bags in ${report.seconds} s: ${count('done')} done, ${count('known')} done before, ` +
        `${count('failed')} failed, ${count('left')} left\n${path.join(flags.output, 'report.json')}\n`,
    );
    if (count('failed') > 0) process.exitCode = 1;
  } finally {
    stop.release();
  }
  if (stop.exitCode !== undefined) process.exitCode = stop.exitCode;
}

function tell(job: FleetJob, outcome: JobOutcome): void {
  const detail =
    outcome.state === 'done'
      ? ` in ${outcome.seconds} s`
      : outcome.state === 'failed'
        ? ` after ${outcome.attempts} attempts: ${outcome.message}`
        : outcome.state === 'known'
          ? ' before'
          : '';
  const word = outcome.state === 'known' ? 'done' : outcome.state;
  process.stderr.write(`${job.output}: ${word}${detail}\n`);
}

async function linesOf(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').flatMap((line) => line.trim() || []);
  } catch (error) {
    throw new NodeError(`fleet replay: \`--list ${file}\` cannot be read`, { cause: error });
  }
}
