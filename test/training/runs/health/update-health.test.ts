import test from 'ava';
import { UpdateHealth, type UpdateReport } from '../../../../training/runs/health/update-health.js';
import { VarietyHealth } from '../../../../training/runs/health/variety-health.js';
import { Random } from '../../../../training/simulator/random.js';

const CHANCE = 2 * Math.log(2);
const report = (loss: number, change: Partial<UpdateReport> = {}): UpdateReport => ({
  ...{ loss, gradientNorm: 1, weightNorms: { before: 1, after: 1 }, applied: true },
  ...change,
});

/** The step after which the training is given up, and why. */
function watch(health: UpdateHealth, steps: number, of: (step: number) => UpdateReport) {
  for (let step = 1; step <= steps; step++) {
    const why = health.observe(of(step));
    if (why !== undefined) return { step, why };
  }
  return undefined;
}

test('a loss of single pictures that falls and scatters is sound', (t) => {
  const random = new Random(7);
  const health = new UpdateHealth('all');
  const noisy = (step: number) => report((0.2 + 3 * Math.exp(-step / 400)) * random.logUniform(0.3, 3));
  t.is(watch(health, 4000, noisy), undefined);
  t.is(health.suspicion, undefined);
});

test('a loss that runs away is suspicious before it is given up', (t) => {
  const health = new UpdateHealth('all');
  t.is(
    watch(health, 500, () => report(0.5)),
    undefined,
  );
  let suspected = 0;
  const end = watch(health, 400, (step) => {
    if (health.suspicion !== undefined && suspected === 0) suspected = step;
    return report(0.5 * 1.05 ** step);
  });
  t.true(suspected > 0 && suspected < (end?.step ?? 0), `${suspected} ${end?.step}`);
  t.regex(end?.why ?? '', /diverges: the loss of `all`/);
  t.true((health.state[2] ?? 9) < 1, 'the level does not follow it');
});

test('a loss that stays high is given up, one that comes back is not', (t) => {
  const back = new UpdateHealth('all');
  watch(back, 500, () => report(0.5));
  t.is(
    watch(back, 300, () => report(2)),
    undefined,
  );
  t.regex(back.suspicion ?? '', /times what it was/);
  t.is(
    watch(back, 500, () => report(0.5)),
    undefined,
  );
  t.is(back.suspicion, undefined);
  const gone = new UpdateHealth('all');
  watch(gone, 500, () => report(0.5));
  t.regex(watch(gone, 2000, () => report(2))?.why ?? '', /diverges/);
});

test('some steps that are not finite are passed over, twenty in a row end the training', (t) => {
  const health = new UpdateHealth('all');
  const broken = report(Number.NaN, { applied: false });
  t.is(
    watch(health, 400, (step) => (step % 20 === 0 ? report(1) : broken)),
    undefined,
  );
  t.deepEqual(watch(health, 400, () => broken)?.step, 20);
});

test('an update without gradients is given up', (t) => {
  t.regex(
    watch(new UpdateHealth('all'), 300, () => report(1, { gradientNorm: 0 }))?.why ?? '',
    /learns nothing/,
  );
});

test('a discriminator may be as good as chance or good, but not right about everything for long', (t) => {
  const health = new UpdateHealth('discriminator', CHANCE);
  t.is(
    watch(health, 2000, (step) => report(CHANCE * Math.exp(-step / 700))),
    undefined,
  );
  t.is(
    watch(health, 2000, () => report(1.5 * CHANCE)),
    undefined,
    'the other side has caught up',
  );
  t.is(health.suspicion, undefined);
  const end = watch(health, 3000, () => report(1e-4));
  t.regex(end?.why ?? '', /collapsed: `discriminator` tells everything apart/);
  t.true((end?.step ?? 0) > 1000);
  const lost = new UpdateHealth('discriminator', CHANCE);
  t.regex(watch(lost, 300, (step) => report(step))?.why ?? '', /diverges/);
});

test('a loss that explodes among the first steps is suspicious at once, and given up soon', (t) => {
  const health = new UpdateHealth('generator');
  t.is(health.observe(report(40)), undefined);
  t.is(health.suspicion, undefined);
  t.is(health.observe(report(1e6)), undefined);
  t.regex(health.suspicion ?? '', /loss of `generator` is 5.00e\+5, 12500.5 times what it was/);
  const end = watch(health, 60, () => report(1e6));
  t.is(end?.step, 8, 'the tenth in all');
  t.regex(end?.why ?? '', /began with 40/);
});

test('what a loss has grown to among the first steps is no level', (t) => {
  const health = new UpdateHealth('generator');
  watch(health, 50, (step) => report(step === 1 ? 1 : 20));
  t.not(health.suspicion, undefined);
  const end = watch(health, 60, () => report(20));
  t.is(end?.step, 1);
  t.regex(end?.why ?? '', /was 1.00/);
});

test('a loss too large for its mean is suspicious', (t) => {
  const health = new UpdateHealth('generator');
  health.observe(report(1));
  health.observe(report(1e200));
  t.not(health.suspicion, undefined);
});

test('first batches that weigh six times another one, or have no truth, are sound', (t) => {
  const health = new UpdateHealth('networks');
  const losses = [0, 1, 6, 2, 0.5, 6];
  t.is(
    watch(health, 300, (step) => {
      t.is(health.suspicion, undefined, `step ${step}`);
      return report(losses[(step - 1) % losses.length] ?? 1);
    }),
    undefined,
  );
});

test('a discriminator far worse than chance is suspicious from its first steps', (t) => {
  const health = new UpdateHealth('discriminator', CHANCE);
  health.observe(report(CHANCE));
  t.is(health.suspicion, undefined);
  t.is(
    watch(health, 8, () => report(1e3)),
    undefined,
  );
  t.regex(health.suspicion ?? '', /`discriminator`/);
  t.regex(health.observe(report(1e3)) ?? '', /one that knows nothing has 1.39/);
});

test('weights that explode behind a bounded loss are suspicious at once, and given up soon', (t) => {
  const health = new UpdateHealth('generator');
  health.observe(report(40, { weightNorms: { before: 5, after: 700 } }));
  t.regex(health.suspicion ?? '', /weights of `generator` are 140 times as large as they were/);
  const end = watch(health, 60, () => report(40, { weightNorms: { before: 700, after: 700 } }));
  t.deepEqual(end?.step, 9, 'the tenth in all');
  t.regex(end?.why ?? '', /diverges: the weights of `generator`/);
  const lost = new UpdateHealth('generator');
  lost.observe(report(40, { weightNorms: { before: 5, after: Number.POSITIVE_INFINITY } }));
  t.not(lost.suspicion, undefined);
});

test('weights that grow slowly to many times what they were are sound', (t) => {
  const health = new UpdateHealth('discriminator', CHANCE);
  // As a random walk does whose steps have a length of one: each is orthogonal to what there is.
  const norm = (step: number) => Math.hypot(5, Math.sqrt(step));
  t.is(
    watch(health, 10_000, (step) =>
      report(1, { weightNorms: { before: norm(step - 1), after: norm(step) } }),
    ),
    undefined,
  );
  t.is(health.suspicion, undefined);
});

test('a state of before weights were watched begins with those of its next step', (t) => {
  const health = new UpdateHealth('generator');
  watch(health, 60, () => report(1));
  const restored = new UpdateHealth('generator');
  restored.state.set(health.state.slice(0, 8));
  restored.observe(report(1, { weightNorms: { before: 30, after: 30 } }));
  t.is(restored.suspicion, undefined);
  restored.observe(report(1, { weightNorms: { before: 30, after: 3000 } }));
  t.not(restored.suspicion, undefined);
});

test('outputs that collapse among the first steps are suspicious', (t) => {
  const health = new VarietyHealth('spread');
  health.observe(0.5);
  t.is(health.suspicion, undefined);
  for (let i = 0; i < 40; i++) health.observe(1e-4);
  t.regex(health.suspicion ?? '', /`spread` has fallen/);
});

test('outputs that become all the same end the training', (t) => {
  const health = new VarietyHealth('variety');
  for (let i = 0; i < 200; i++) t.is(health.observe(0.5), undefined);
  t.is(health.suspicion, undefined);
  const reasons = Array.from({ length: 900 }, () => health.observe(1e-3));
  t.regex(reasons.find((reason) => reason !== undefined) ?? '', /collapsed: `variety`/);
  t.regex(health.suspicion ?? '', /has fallen/);
});

test('a state that was restored goes on as if it had never been interrupted', (t) => {
  const [whole, first] = [new UpdateHealth('all'), new UpdateHealth('all')];
  const of = (step: number) => report(0.5 + 0.01 * (step % 17));
  watch(whole, 700, of);
  watch(first, 300, of);
  const second = new UpdateHealth('all');
  second.state.set(first.state.slice());
  watch(second, 400, (step) => of(step + 300));
  t.deepEqual(second.state, whole.state);
});
