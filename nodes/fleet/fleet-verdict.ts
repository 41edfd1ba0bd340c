import type { AdaptResult } from './tasks/adapt-result.js';

/** What the judge said of a candidate on a vehicle's held-out drives. */
export interface VehicleVerdict {
  readonly vehicle: string;
  readonly finding: 'better' | 'no worse' | 'worse' | 'unknown';
  readonly reasons: readonly string[];
}

export interface FleetVerdict {
  /** Anything but `promoted` keeps the model. */
  readonly outcome: 'promoted' | 'rejected' | 'undecided';
  readonly reasons: readonly string[];
  readonly vehicles: readonly VehicleVerdict[];
}

type Judged = NonNullable<AdaptResult['judge']>;

/** Checks that ask for a gain: a vehicle need not gain from what the others saw. */
const GAIN = /^better\b/;

/**
 * One candidate for every vehicle: it must be better on one of them at least, and worse on none. On a vehicle that does not
 * gain the bounds of the judge for other drives hold. Where a vehicle's drives do not tell, nothing is decided.
 * @param results by vehicle; undefined where there is none.
 */
export function fleetVerdict(results: ReadonlyMap<string, AdaptResult | undefined>): FleetVerdict {
  const vehicles = [...results].map(([vehicle, result]) => ({ vehicle, ...vehicleFinding(result) }));
  const told = (finding: VehicleVerdict['finding']) =>
    vehicles
      .filter((each) => each.finding === finding)
      .flatMap(({ vehicle, reasons }) => reasons.map((reason) => `${vehicle}: ${reason}`));
  const has = (finding: VehicleVerdict['finding']) => vehicles.some((each) => each.finding === finding);
  if (has('worse')) return { outcome: 'rejected', reasons: told('worse'), vehicles };
  if (has('unknown')) return { outcome: 'undecided', reasons: told('unknown'), vehicles };
  if (!has('better')) {
    return { outcome: 'rejected', reasons: ['it is better on no vehicle', ...told('no worse')], vehicles };
  }
  return { outcome: 'promoted', reasons: told('better'), vehicles };
}

function vehicleFinding(result: AdaptResult | undefined): Omit<VehicleVerdict, 'vehicle'> {
  if (result?.judge === undefined)
    return { finding: 'unknown', reasons: result?.reasons ?? ['it was not judged'] };
  const { outcome, reasons, judge } = result;
  if (outcome === 'promoted') return { finding: 'better', reasons };
  const failed = judge.checks.filter(({ answer, name }) => answer === 'failed' && !GAIN.test(name));
  if (failed.length > 0)
    return { finding: 'worse', reasons: failed.map(({ name, finding }) => `${name}: ${finding}`) };
  if (outcome !== 'rejected') return { finding: 'unknown', reasons };
  return isNoWorse(judge) ? { finding: 'no worse', reasons } : { finding: 'worse', reasons };
}

/** By the bounds of drives that need not gain. */
function isNoWorse({ drive, truth, limits }: Judged): boolean {
  const within = (
    { mean, high }: Judged['drive']['gain'],
    { sure, most }: { readonly sure: number; readonly most: number },
  ) => mean !== null && high !== null && -high <= sure && -mean <= most;
  return (
    within(drive.gain, limits.guardLoss) && (truth === undefined || within(truth.gain, limits.guardTruthLoss))
  );
}
