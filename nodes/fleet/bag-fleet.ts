import path from 'node:path';
import { resolveModel } from '../../models/resolve-model.js';
import { shownPlace } from '../../msgs/remote/remote-url.js';
import { NodeError } from '../errors.js';
import { BagDigests } from './bag-digests.js';
import { checkFlags } from './check-flags.js';
import {
  EVALUATION_FACTS,
  type EvaluationFacts,
  type ReducedEvaluation,
  reduceEvaluation,
} from './evaluation-facts.js';
import { type FleetOptions, fleetAtWork } from './fleet-at-work.js';
import { bagsOf, distinctJobs, type FleetJob, fleetJob } from './fleet-job.js';
import type { JobOutcome } from './job-outcome.js';
import { bagsOfShard, shardTag } from './shard.js';
import { TRUTH } from './tasks/evaluate-task.js';
import { treeDigest } from './tree-digest.js';

export interface BagFleetOptions extends FleetOptions {
  readonly task: 'replay' | 'evaluate';
  /** Paths or URLs. */
  readonly bags: readonly string[];
  /** Model folder or version; the current one by default. */
  readonly model?: string;
  /** Flags that the task's command gets. */
  readonly flags: readonly string[];
  /** Told of bags that cannot be read, so that nothing is known by which their jobs could be named. */
  readonly onUnread?: (bag: string, error: Error) => void;
}

/** A job in a report: facts are told as figures. */
export type ReportedJob = {
  readonly bag: string;
  /** Empty, as the output, where the bag could not be read at all. */
  readonly id: string;
  readonly output: string;
  /** Figures of an evaluation, of this bag alone. */
  readonly figures?: ReducedEvaluation;
} & JobOutcome;

export interface FleetReport {
  readonly task: 'replay' | 'evaluate';
  readonly model: string;
  readonly flags: readonly string[];
  /** Where outputs went, if not into the folder. */
  readonly upload?: string;
  readonly seconds: number;
  readonly jobs: readonly ReportedJob[];
  /** Figures of all bags together. */
  readonly evaluation?: ReducedEvaluation;
}

/**
 * Replays or evaluates many bags into one folder, a few at a time, each in a process of its own. The same call goes on where
 * an earlier one was ended; bags that are done are left alone. Writes a ledger and a report.
 * @throws NodeError when flags or bags cannot be used, MessageError when another fleet is at work in the folder.
 */
export async function bagFleet(options: BagFleetOptions): Promise<FleetReport> {
  const { task, bags, folder, upload, flags, signal, shard } = options;
  const what = `fleet ${task}`;
  checkFlags(task, flags, what);
  if (bags.length === 0) throw new NodeError(`${what}: no bags are given`);
  const digests = new BagDigests(folder, shardTag(shard));
  for (const bag of bags) digests.check(bag, what);
  if (task === 'evaluate') for (const bag of bags) checkSpec(bag);
  const began = performance.now();
  return await fleetAtWork(options, async (fleet) => {
    const model = path.resolve(await resolveModel(options.model));
    const modelDigest = await treeDigest(model);
    const jobs: FleetJob[] = [];
    const unread: ReportedJob[] = [];
    for (const bag of bagsOfShard(bags, shard)) {
      if (signal.aborted) break;
      const digest = await digests.of(bag, signal).catch((error: Error) => {
        // Of a bag at a URL that is not there the others know nothing.
        unread.push({
          bag: shownPlace(bag),
          id: '',
          output: '',
          state: 'failed',
          message: error.message,
          attempts: 1,
        });
        options.onUnread?.(shownPlace(bag), error);
        return undefined;
      });
      if (digest === undefined) continue;
      const about = { task, bags: [digests.placeOf(bag)], model, flags };
      jobs.push(fleetJob(about, { bags: [digest], model: modelDigest }));
    }
    const outcomes = await fleet.run(jobs);
    // One content under two names is one job, whose output has one of them.
    const outputs = new Map(distinctJobs(jobs).map(({ id, output }) => [id, output]));
    const rows = jobs.map((job) => ({
      job: { ...job, output: outputs.get(job.id) ?? job.output },
      outcome: outcomes.get(job.id) ?? { state: 'left' as const },
    }));
    const report: FleetReport = {
      ...{ task, model, flags, ...(upload !== undefined && { upload }) },
      seconds: Math.round(performance.now() - began) / 1000,
      jobs: [...rows.map(({ job, outcome }) => reported(job, outcome)), ...unread],
      ...(task === 'evaluate' && { evaluation: reduceEvaluation(distinctFacts(rows)) }),
    };
    await fleet.report(report);
    return report;
  });
}

function reported(job: FleetJob, outcome: JobOutcome): ReportedJob {
  const facts = factsOf(outcome);
  const { facts: _, ...told } = { facts: undefined, ...outcome };
  return {
    ...{ bag: bagsOf(job), id: job.id, output: job.output },
    ...(told as JobOutcome), // only the facts are gone
    ...(facts && { figures: reduceEvaluation([facts]) }),
  };
}

/** Each content once, however often it was given. */
function distinctFacts(
  rows: readonly { readonly job: FleetJob; readonly outcome: JobOutcome }[],
): EvaluationFacts[] {
  const byId = new Map(rows.map(({ job, outcome }) => [job.id, factsOf(outcome)]));
  return [...byId.values()].filter((facts) => facts !== undefined);
}

function factsOf(outcome: JobOutcome): EvaluationFacts | undefined {
  if (!('facts' in outcome) || outcome.facts === undefined) return undefined;
  return EVALUATION_FACTS.parse(outcome.facts);
}

/** A bag is named in `bag:PATH?OPTIONS`. */
function checkSpec(bag: string): void {
  if (!bag.includes('?')) return;
  throw new NodeError(
    `fleet evaluate: \`${bag}\` has a question mark in its name, after which options of the data set would begin; ` +
      'give it a name without one',
    { file: bag },
  );
}

/** The options of `bag:PATH?OPTIONS` among an evaluation's flags. */
export function truthFlag(options: string): string {
  return `${TRUTH}${options}`;
}
