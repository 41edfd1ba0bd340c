import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../../models/durable-files.js';
import { resolveModel } from '../../models/resolve-model.js';
import { ProcessLock } from '../../msgs/files/process-lock.js';
import { NodeError } from '../errors.js';
import { type FleetJob, fleetJob } from './fleet-job.js';
import { Ledger } from './ledger.js';
import { PARTIAL, replayBag } from './replay-bag.js';
import { type JobOutcome, runJobs } from './run-jobs.js';
import { treeDigest } from './tree-digest.js';

export interface ReplayFleetOptions {
  readonly bags: readonly string[];
  readonly folder: string;
  /** Model folder or version; the current one by default. */
  readonly model?: string;
  readonly flags: readonly string[];
  readonly workers: number;
  readonly retries: number;
  readonly signal: AbortSignal;
  readonly onEvent?: (job: FleetJob, outcome: JobOutcome) => void;
}

export interface FleetReport {
  readonly model: string;
  readonly flags: readonly string[];
  readonly seconds: number;
  readonly jobs: readonly ({
    readonly bag: string;
    readonly id: string;
    readonly output: string;
  } & JobOutcome)[];
}

/** Flags of replay that would lead the outputs of several bags to one place, or make them depend on more than the bags. */
const REFUSED = ['-o', '--output', '--overwrite', '--model', '--follow', '--pictures'];

/**
 * Replays many bags into one folder, a few at a time, each in a process of its own. The same call goes on where an earlier
 * one was ended; bags that are done are left alone. Writes `ledger.jsonl` and `report.json`.
 * @throws NodeError when flags or bags cannot be used, MessageError when another fleet is at work in the folder.
 */
export async function replayFleet(options: ReplayFleetOptions): Promise<FleetReport> {
  const { bags, folder, flags } = options;
  for (const flag of flags) {
    const refused = REFUSED.find((name) => flag === name || flag.startsWith(`${name}=`));
    if (refused !== undefined) throw new NodeError(`fleet replay: \`${refused}\` is no flag for every bag`);
  }
  for (const bag of bags) {
    if (!existsSync(bag)) throw new NodeError(`fleet replay: there is no bag \`${bag}\``);
  }
  if (bags.length === 0) throw new NodeError('fleet replay: no bags are given');
  await mkdir(folder, { recursive: true });
  const what = `the fleet's folder ${folder}`;
  const lock = await ProcessLock.acquire(path.join(folder, '.lock'), { waitMs: 0, what });
  try {
    return await replayAll(options);
  } finally {
    await lock.release();
  }
}

async function replayAll(options: ReplayFleetOptions): Promise<FleetReport> {
  const { bags, folder, flags, workers, retries, signal, onEvent } = options;
  const began = performance.now();
  for (const name of await readdir(folder)) {
    // Of a fleet that was killed: nobody else may write here, and a complete output has its own name.
    if (name.startsWith(PARTIAL)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
  const model = path.resolve(await resolveModel(options.model));
  const modelDigest = await treeDigest(model);
  const jobs: FleetJob[] = [];
  for (const bag of bags) {
    if (signal.aborted) break;
    jobs.push(fleetJob(path.resolve(bag), { bag: await treeDigest(bag), model: modelDigest }, flags));
  }
  const ledger = await Ledger.open(path.join(folder, 'ledger.jsonl'));
  try {
    const outcomes = await runJobs(jobs, {
      ledger,
      ...{ workers, retries, signal },
      isComplete: ({ output }) => existsSync(path.join(folder, output)),
      run: (job) => replayBag(job, { folder, model, flags, signal }),
      ...(onEvent && { onEvent }),
    });
    const report: FleetReport = {
      model,
      flags,
      seconds: Math.round(performance.now() - began) / 1000,
      jobs: jobs.map(({ id, bag, output }) => ({
        ...{ bag, id, output },
        ...(outcomes.get(id) ?? { state: 'left' as const }),
      })),
    };
    await replaceFile(path.join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
    return report;
  } finally {
    await ledger.close();
  }
}
