import test from 'ava';
import { MetricScale, type MetricScaleOptions } from '../../../../nodes/perception/scale/metric-scale.js';
import { ScaleFilter } from '../../../../nodes/perception/scale/scale-filter.js';

function byHeight(change: Partial<MetricScaleOptions> = {}): MetricScale {
  return new MetricScale({
    source: 'camera_height',
    modelIsMetric: false,
    cameraHeight: () => 1.65,
    ...change,
  });
}

test('a frame has the factor that the frames before it told, and none before the third', (t) => {
  const scale = byHeight();
  const factors = Array.from({ length: 5 }, (_, i) => {
    const frame = scale.next();
    scale.done(BigInt(i), { roadHeight: 0.55 });
    return frame;
  });
  const unknown = { factor: 1, metric: false };
  t.deepEqual(factors.slice(0, 3), [unknown, unknown, unknown]);
  t.true(factors[3]?.metric);
  t.true(Math.abs((factors[3]?.factor ?? 0) - 3) < 1e-12, '1.65 m / 0.55');
});

test('with a lag, factors are the same however many frames are in flight', (t) => {
  const run = (inFlight: number) => {
    const scale = byHeight({ lag: 4 });
    const factors: number[] = [];
    let done = 0;
    for (let i = 0; i < 20; i++) {
      if (i - done >= inFlight) scale.done(0n, { roadHeight: 1 / (1 + 0.01 * done++) });
      factors.push(scale.next().factor);
    }
    return factors;
  };
  t.deepEqual(run(1), run(4));
  t.true(new Set(run(1)).size > 5);
});

test('a frame without a measurement, or with one out of bounds, changes nothing', (t) => {
  const scale = byHeight({ modelIsMetric: true });
  for (let i = 0; i < 4; i++) scale.done(0n, { roadHeight: 1.5 });
  const { factor } = scale.current;
  t.true(Math.abs(factor - 1.1) < 1e-12);
  scale.done(0n, undefined);
  scale.done(0n, {});
  scale.done(0n, { roadHeight: 0.01 });
  scale.done(0n, { roadHeight: Number.NaN });
  t.is(scale.current.factor, factor);
  t.is(scale.rejected, 2);
});

test('the filter follows the median by at most 2 % from one estimate to the next, and one wild estimate not at all', (t) => {
  const filter = new ScaleFilter({ least: 0.1, most: 10 });
  for (let i = 0; i < 10; i++) filter.add(2);
  filter.add(9);
  t.is(filter.value, 2);
  let before = 2;
  for (let i = 0; i < 40; i++) {
    filter.add(4);
    const value = filter.value ?? 0;
    t.true(value >= before && value <= before * 1.02 + 1e-12);
    before = value;
  }
  t.true(before > 2.5);
});

test('a metric model begins at 1, another one without metres; a reset goes back there', (t) => {
  for (const modelIsMetric of [true, false]) {
    const scale = byHeight({ modelIsMetric });
    const first = { factor: 1, metric: modelIsMetric };
    t.deepEqual(scale.next(), first);
    for (let i = 0; i < 5; i++) {
      scale.done(0n, { roadHeight: 1 });
      scale.next();
    }
    scale.done(0n, { roadHeight: 1 });
    t.is(scale.next().factor, 1.65);
    scale.reset();
    t.deepEqual(scale.next(), first);
  }
});

test('odometry: 10 m/s over 0.1 s are 1 m; slow frames tell nothing', (t) => {
  const odometry = (speed: number | undefined) => {
    const scale = new MetricScale({ source: 'odometry', modelIsMetric: false, speedAt: () => speed });
    for (let i = 0; i < 5; i++) scale.done(0n, { travelled: 0.25, seconds: 0.1 });
    return scale.current.factor;
  };
  t.true(Math.abs(odometry(10) - 4) < 1e-12);
  t.is(odometry(1), Number.NaN);
  t.is(odometry(undefined), Number.NaN);
});

test('none, model, constant and lidar', (t) => {
  const factor = (options: Partial<MetricScaleOptions>) => {
    const scale = byHeight(options);
    for (let i = 0; i < 4; i++) scale.done(0n, { lidarRatio: 0.85, roadHeight: 1 });
    return scale.current.factor;
  };
  t.is(factor({ source: 'none' }), Number.NaN);
  t.is(factor({ source: 'model', modelIsMetric: true }), 1);
  t.is(factor({ source: 'model' }), Number.NaN);
  t.is(factor({ source: 'constant', constant: () => 2.5 }), 2.5);
  t.is(factor({ source: 'lidar' }), 0.85);
  t.is(factor({ cameraHeight: () => undefined }), Number.NaN);
});
