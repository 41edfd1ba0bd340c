import path from 'node:path';
import { resolveModel } from '../../models/resolve-model.js';
import { NodeError } from '../errors.js';
import { BagDigests } from './bag-digests.js';
import { checkFlags } from './check-flags.js';
import { type FleetOptions, fleetAtWork } from './fleet-at-work.js';
import { fleetJob } from './fleet-job.js';
import { type FleetVerdict, fleetVerdict } from './fleet-verdict.js';
import type { JobOutcome } from './job-outcome.js';
import { ADAPT_RESULT, type AdaptResult } from './tasks/adapt-result.js';
import { treeDigest } from './tree-digest.js';
import type { Vehicle } from './vehicles.js';

export interface AdaptFleetOptions extends FleetOptions {
  readonly vehicles: readonly Vehicle[];
  /** What is adapted: model folder or version; the current one by default. */
  readonly model?: string;
  /** Flags that each `rxdepth adapt` gets. */
  readonly flags: readonly string[];
}

export interface AdaptFleetReport {
  readonly task: 'adapt';
  readonly model: string;
  readonly flags: readonly string[];
  readonly seconds: number;
  readonly outcome: FleetVerdict['outcome'] | 'refused' | 'failed' | 'left';
  readonly reasons: readonly string[];
  /** Model folder, where one was learned. */
  readonly candidate?: string;
  readonly vehicles: readonly (Vehicle & Partial<FleetVerdict['vehicles'][number]>)[];
  /** What of the drives could not be read. */
  readonly missing: readonly string[];
}

/**
 * Learns one candidate from the drives of several vehicles, and has it judged on the held-out drives of every one of them.
 * The same call goes on where an earlier one was ended. Nobody's current version changes.
 * @throws NodeError when flags cannot be used, MessageError when another fleet is at work in the folder.
 */
export async function adaptFleet(options: AdaptFleetOptions): Promise<AdaptFleetReport> {
  const { vehicles, folder, flags, signal } = options;
  checkFlags('learn', flags, 'fleet adapt');
  if (vehicles.length === 0) throw new NodeError('fleet adapt: no vehicles are given');
  const began = performance.now();
  const digests = new BagDigests(folder);
  /** Undefined when the fleet is ended meanwhile. */
  const digestsOf = async (bags: readonly string[]) => {
    const all: string[] = [];
    for (const bag of bags) {
      const digest = await digests.of(bag, signal);
      if (digest === undefined) return undefined;
      all.push(digest);
    }
    return all;
  };
  return await fleetAtWork(options, async (fleet) => {
    const model = path.resolve(await resolveModel(options.model));
    const modelDigest = await treeDigest(model);
    const missing = new Set<string>();
    const report = async (
      end: Pick<AdaptFleetReport, 'outcome' | 'reasons'> & { candidate?: string },
      verdict?: FleetVerdict,
    ): Promise<AdaptFleetReport> => {
      const whole: AdaptFleetReport = {
        ...{ task: 'adapt', model, flags, seconds: Math.round(performance.now() - began) / 1000, ...end },
        vehicles: vehicles.map((vehicle) => ({
          ...vehicle,
          ...verdict?.vehicles.find((each) => each.vehicle === vehicle.name),
        })),
        missing: [...missing],
      };
      await fleet.report(whole);
      return whole;
    };

    const drives = vehicles.flatMap(({ learned }) => learned);
    const contents = await digestsOf(drives);
    if (contents === undefined) return await report(unfinished({ state: 'left' }));
    const learn = fleetJob(
      { task: 'learn', bags: drives, model, flags },
      { bags: contents, model: modelDigest },
    );
    const learned = (await fleet.run([learn])).get(learn.id) ?? { state: 'left' };
    note(learned, missing);
    const lesson = resultOf(learned);
    if (lesson === undefined) return await report(unfinished(learned));
    if (lesson.outcome !== 'promoted') {
      const outcome = lesson.outcome === 'stopped' ? 'left' : lesson.outcome;
      return await report({ outcome, reasons: lesson.reasons.map((reason) => `learning: ${reason}`) });
    }
    const candidate = path.join(folder, learn.output, 'candidate');
    const candidateDigest = await treeDigest(candidate);
    const judges = [];
    for (const { name, heldOut } of vehicles) {
      const contents = await digestsOf(heldOut);
      if (contents === undefined) return await report({ ...unfinished({ state: 'left' }), candidate });
      const job = fleetJob(
        { task: 'judge', bags: heldOut, model, candidate, flags },
        { bags: contents, model: modelDigest, candidate: candidateDigest },
      );
      judges.push({ name, job });
    }
    const outcomes = await fleet.run(judges.map(({ job }) => job));
    const results = new Map<string, AdaptResult | undefined>();
    for (const { name, job } of judges) {
      const outcome = outcomes.get(job.id) ?? { state: 'left' };
      note(outcome, missing);
      const result = resultOf(outcome);
      if (result === undefined) {
        const { outcome: end, reasons } = unfinished(outcome);
        return await report({
          outcome: end,
          reasons: reasons.map((reason) => `${name}: ${reason}`),
          candidate,
        });
      }
      results.set(name, result);
    }
    const verdict = fleetVerdict(results);
    return await report({ outcome: verdict.outcome, reasons: verdict.reasons, candidate }, verdict);
  });
}

function note(outcome: JobOutcome, missing: Set<string>): void {
  if (outcome.state === 'damaged') for (const sentence of outcome.missing) missing.add(sentence);
}

function resultOf(outcome: JobOutcome): AdaptResult | undefined {
  return 'facts' in outcome && outcome.facts !== undefined ? ADAPT_RESULT.parse(outcome.facts) : undefined;
}

function unfinished(outcome: JobOutcome): { outcome: 'failed' | 'left'; reasons: string[] } {
  if (outcome.state === 'failed') return { outcome: 'failed', reasons: [outcome.message] };
  return { outcome: 'left', reasons: ['it was ended before; the same command goes on'] };
}
