import test from 'ava';
import { fleetVerdict } from '../../../nodes/fleet/fleet-verdict.js';
import type { AdaptResult } from '../../../nodes/fleet/tasks/adapt-result.js';

/** What the judge says; the photometric gain lies within `gain` +- 0.001. */
function judged(
  outcome: AdaptResult['outcome'],
  gain: number,
  failed: readonly string[] = [],
  truthGain?: number,
): AdaptResult {
  const interval = (mean: number) => ({ mean, low: mean - 0.001, high: mean + 0.001 });
  return {
    outcome,
    reasons: [`${outcome} by ${gain}`],
    judge: {
      checks: failed.map((name) => ({ name, answer: 'failed' as const, finding: 'found' })),
      drive: { valid: 20, gain: interval(gain) },
      ...(truthGain !== undefined && { truth: { gain: interval(truthGain) } }),
      limits: { guardLoss: { sure: 0.005, most: 0.015 }, guardTruthLoss: { sure: 0.01, most: 0.03 } },
    },
  };
}
const verdict = (results: Record<string, AdaptResult | undefined>) =>
  fleetVerdict(new Map(Object.entries(results)));
const findings = (of: ReturnType<typeof verdict>) => of.vehicles.map(({ finding }) => finding);

test('better on one vehicle and no worse on the others is promoted', (t) => {
  const decided = verdict({ a: judged('promoted', 0.05), b: judged('rejected', -0.004, ['better']) });
  t.is(decided.outcome, 'promoted');
  t.deepEqual(findings(decided), ['better', 'no worse']);
  t.deepEqual(decided.reasons, ['a: promoted by 0.05']);
});

test('worse on one vehicle is rejected, however much the others gain', (t) => {
  for (const b of [
    judged('rejected', -0.02, ['better']),
    judged('rejected', 0.001, ['better', 'not collapsed']),
    judged('rejected', 0.001, ['better by the LiDAR'], -0.04),
    judged('undecided', 0.001, ['source depth kept']),
    judged('rejected', Number.NaN, ['better']),
  ]) {
    const decided = verdict({ a: judged('promoted', 0.2), b });
    t.is(decided.outcome, 'rejected');
    t.is(findings(decided)[1], 'worse');
    t.true(decided.reasons.every((reason) => reason.startsWith('b: ')));
  }
});

test('better nowhere is rejected, and a vehicle whose drives do not tell leaves it open', (t) => {
  t.is(verdict({ a: judged('rejected', 0, ['better']) }).outcome, 'rejected');
  const refused: AdaptResult = { outcome: 'refused', reasons: ['too short: 2 pictures'] };
  const open = verdict({ a: judged('promoted', 0.05), b: refused });
  t.is(open.outcome, 'undecided');
  t.deepEqual(open.reasons, ['b: too short: 2 pictures']);
  t.is(verdict({ a: judged('promoted', 0.05), b: judged('undecided', 0.05) }).outcome, 'undecided');
  t.is(verdict({ a: judged('promoted', 0.05), b: undefined }).outcome, 'undecided');
});
