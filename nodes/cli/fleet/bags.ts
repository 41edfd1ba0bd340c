import path from 'node:path';
import type { Command } from 'commander';
import { stopOnSignals } from '../../../models/stop-on-signals.js';
import { parseS3 } from '../../../msgs/remote/remote-url.js';
import { NodeError } from '../../errors.js';
import type { FleetReport } from '../../fleet/bag-fleet.js';
import { parseShard, type Shard, shardTag } from '../../fleet/shard.js';
import { checkKnown } from './check-known.js';
import { addFleetFlags, bagsGiven, type FleetFlags, fleetOptions, words } from './fleet-flags.js';
import { addQueueFlags, executorOf, type QueueFlags } from './queue-flags.js';

interface BagsFlags extends FleetFlags, QueueFlags {
  readonly list?: string;
  readonly shard?: string;
  readonly upload?: string;
  readonly replayFlags?: string;
  readonly evaluateFlags?: string;
  readonly truth?: string;
}

const AGAIN =
  'A bag is done once for the same content, model and flags: the same command goes on after a kill, and leaves what is done ' +
  'alone. `ledger.jsonl` says what happened, `report.json` what came of it, `logs/` what each process said.';

/** `fleet replay` and `fleet evaluate`. */
export function registerBags(fleet: Command): void {
  const replay = fleet
    .command('replay')
    .summary('run perception on many bags')
    .description(`Replays many bags into one folder, a few at a time. ${AGAIN}`);
  addBagFlags(replay)
    .option('--replay-flags <flags>', "flags of `rxdepth replay` for every bag, in quotes: '--no-motion'")
    .action(async (bags: string[], flags: BagsFlags) => {
      const given = words(flags.replayFlags);
      checkKnown(fleet, 'replay', given, '--replay-flags');
      await work('replay', bags, flags, given);
    });
  const evaluate = fleet
    .command('evaluate')
    .summary('measure a model on many bags that hold the truth')
    .description(
      `Runs a model over many bags and compares it with the truth in them, as \`rxdepth evaluate --dataset bag:BAG\` does. ${AGAIN}`,
    );
  addBagFlags(evaluate)
    .option(
      '--truth <options>',
      "options of `--dataset bag:BAG?OPTIONS` for every bag: 'lidar=/velodyne_points&every=5'",
    )
    .option(
      '--evaluate-flags <flags>',
      "flags of `rxdepth evaluate` for every bag, in quotes: '--cap 50 --device cpu'",
    )
    .action(async (bags: string[], flags: BagsFlags) => {
      const given = words(flags.evaluateFlags);
      checkKnown(fleet, 'evaluate', given, '--evaluate-flags');
      const { truthFlag } = await import('../../fleet/bag-fleet.js');
      const truth = flags.truth === undefined ? [] : [truthFlag(flags.truth)];
      await work('evaluate', bags, flags, [...truth, ...given]);
    });
}

/** `fleet merge`. */
export function registerMerge(fleet: Command): void {
  fleet
    .command('merge')
    .summary('make one report of those of all shards')
    .description(
      'Makes one `report.json` of the reports of all shards in a folder, and reduces their figures.',
    )
    .argument('<folder>', '--output of the shards')
    .action(async (folder: string) => {
      const { mergeShards } = await import('../../fleet/merge-shards.js');
      const { jobs, shards } = await mergeShards(folder);
      const failed = jobs.filter(({ state }) => state === 'failed').length;
      process.stdout.write(
        `${jobs.length} bags of ${shards} shards, ${failed} failed\n${path.join(folder, 'report.json')}\n`,
      );
      if (failed > 0) process.exitCode = 1;
    });
}

function addBagFlags(command: Command): Command {
  const own = addFleetFlags(
    command
      .argument('[bags...]', 'bag folders, .mcap or .db3 files: paths, or URLs (s3://, https://, http://)')
      .requiredOption('-o, --output <folder>', 'folder of the outputs, one for each bag')
      .option('--list <file>', 'more bags, one path or URL a line')
      .option('--upload <url>', '`s3://BUCKET/PREFIX` that outputs go to, in place of the folder'),
  ).option(
    '--shard <index/count>',
    'only every COUNT-th bag, from the INDEX-th on (0 first); `/COUNT` takes the index of a pod of a Kubernetes Indexed Job',
  );
  return addQueueFlags(own);
}

async function work(
  task: 'replay' | 'evaluate',
  bags: readonly string[],
  flags: BagsFlags,
  taskFlags: readonly string[],
): Promise<void> {
  const what = `fleet ${task}`;
  const options = fleetOptions(flags, what);
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  const given = await bagsGiven(bags, flags.list, what);
  if (shard !== undefined && flags.redis !== undefined)
    throw new NodeError(`${what}: with \`--redis\` the workers share the bags; leave \`--shard\` out`);
  const executor = await executorOf(flags);
  const { bagFleet } = await import('../../fleet/bag-fleet.js');
  const stop = stopOnSignals('rxdepth: ending the processes that run; the same command goes on later');
  try {
    const report = await bagFleet({
      ...(flags.upload !== undefined && { upload: uploadPlace(flags.upload) }),
      ...{ ...options, task, shard, executor, bags: given, flags: taskFlags, signal: stop.signal },
      onUnread: (bag, { message }) => process.stderr.write(`${bag}: failed: ${message}\n`),
    });
    process.stdout.write(reportText(report, flags.output, shard));
    if (report.jobs.some(({ state }) => state === 'failed')) process.exitCode = 1;
  } finally {
    stop.release();
  }
  if (stop.exitCode !== undefined) process.exitCode = stop.exitCode;
}

/** @throws MessageError when it is no place of a store. */
function uploadPlace(url: string): string {
  const place = url.replace(/\/+$/, '');
  parseS3(place);
  return place;
}

function reportText(
  { jobs, seconds, evaluation }: FleetReport,
  output: string,
  shard: Shard | undefined,
): string {
  const count = (is: (job: FleetReport['jobs'][number]) => boolean) => jobs.filter(is).length;
  const isBefore = (job: FleetReport['jobs'][number]) => job.state === 'known' || 'before' in job;
  const damaged = count(({ state }) => state === 'damaged');
  const lines = [
    `${jobs.length} bags in ${seconds} s: ${count((job) => job.state === 'done' || (job.state === 'damaged' && !isBefore(job)))} done, ` +
      `${count(isBefore)} done before, ${count(({ state }) => state === 'failed')} failed, ${count(({ state }) => state === 'left')} left`,
    ...(damaged === 0 ? [] : [`${damaged} of them damaged: the report says what is missing`]),
    ...(evaluation?.depth === undefined
      ? []
      : [
          `depth: AbsRel ${figure(evaluation.depth.absRel)}, delta < 1.25 ${figure(evaluation.depth.delta1)} over ` +
            `${evaluation.depth.images} images`,
        ]),
    ...Object.entries(evaluation?.meanIouOfBags ?? {}).map(
      ([name, { meanIou, bags }]) => `labels, ${name} classes: mIoU ${figure(meanIou)}, mean of ${bags} bags`,
    ),
    path.join(output, `report${shardTag(shard)}.json`),
  ];
  return `${lines.join('\n')}\n`;
}

function figure(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(3);
}
