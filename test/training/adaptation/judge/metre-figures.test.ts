import test from 'ava';
import { metreFigures } from '../../../../training/adaptation/judge/metre-figures.js';

const triplet = (parent: number, candidate: number, roads: readonly [number, number] = [1.6, 1.6]) => ({
  parent: { lengths: { previous: parent, next: parent }, roadHeight: roads[0] },
  candidate: { lengths: { previous: candidate, next: candidate }, roadHeight: roads[1] },
});

test('the scale is the median of own by measured metres, and of own by known height', (t) => {
  const rows = [
    { ...triplet(0.8, 1.05, [1.5, 1.65]), meters: { previous: 1, next: 1 } },
    { ...triplet(0.9, 1.05, [1.5, 1.65]), meters: { previous: 1 } },
    { ...triplet(2, 0.1, [1.5, 1.65]), meters: { previous: 0.02, next: undefined } },
  ];
  const { way, height } = metreFigures(rows, 1.5);
  t.deepEqual(way, { triplets: 2, parent: 0.8, candidate: 1.05 }, 'hardly moving tells nothing');
  t.is(height?.parent, 1);
  t.true(Math.abs((height?.candidate ?? 0) - 1.1) < 1e-12);
});

test('how much the height changes is told without knowing it', (t) => {
  const heights = [1, 1.1, 1, 0.9, 1].map((candidate) => triplet(1, 1, [2, candidate]));
  const { height, heightSpread, way } = metreFigures(heights, undefined);
  t.is(height, undefined);
  t.is(way, undefined);
  t.is(heightSpread?.parent, 0);
  t.is(heightSpread?.candidate, 0, 'three of five are the same');
  const spread = metreFigures(
    [1, 1.2, 1 / 1.2].map((h) => triplet(1, 1, [2, h])),
    undefined,
  ).heightSpread;
  t.true(Math.abs((spread?.candidate ?? 0) - Math.log(1.2)) < 1e-12);
});

test('nothing is said where nothing is known', (t) => {
  t.deepEqual(metreFigures([{ parent: {}, candidate: {} }], 1.5), {});
});

test('a known height tells metres by the motion of the road, whose depth by the models says nothing then', (t) => {
  // By the depth of the road the candidate is right; its way says that all of it is a fifth too short.
  const seen = { ...triplet(0.9, 0.8, [1.8, 1.5]), roadMeters: { previous: 1, next: 1 } };
  const rows = Array.from({ length: 10 }, () => seen);
  const { height } = metreFigures(rows, 1.5, { low: 0.96, high: 1.05 });
  t.is(height?.by, 'motion');
  t.is(height?.triplets, 10);
  t.is(height?.parent, 0.9);
  t.is(height?.candidate, 0.8);
  t.deepEqual(height?.interval, { mean: 0.8, low: 0.8 / 1.05, high: 0.8 / 0.96 });
  t.like(
    metreFigures(rows.slice(0, 3), 1.5).height,
    { by: 'depth', parent: 1.2, candidate: 1 },
    'three pairs are too few',
  );
  t.is(metreFigures(rows, undefined).height, undefined);
});
