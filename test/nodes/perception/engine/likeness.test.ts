import test from 'ava';
import { imageCodec } from '../../../../msgs/image.js';
import { sampleDepth } from '../../../../nodes/perception/engine/depth-sample.js';
import { implausible, likeness } from '../../../../nodes/perception/engine/likeness.js';

const INFINITE = Number.POSITIVE_INFINITY;
const header = { stamp: { sec: 1, nanosec: 0 }, frame_id: 'camera' };
const of = (...meters: number[]) => ({ meters: Float32Array.from(meters) });
/** 100 depths from 5 to 54.5 m. */
const scene = Array.from({ length: 100 }, (_, i) => 5 + i / 2);
const pair = (change: (meters: number, i: number) => number, before = scene) => [
  { after: of(...before.map(change)), before: of(...before) },
];

test('a depth message is sampled on a regular grid, whatever its encoding', (t) => {
  const floats = Float32Array.of(1, INFINITE, Number.NaN, -2, 0, 3);
  const image = { header, height: 2, width: 3, is_bigendian: 0 };
  const metric = { ...image, encoding: '32FC1', step: 12, data: new Uint8Array(floats.buffer) };
  const { NaN: unknown } = Number;
  t.deepEqual(
    [...sampleDepth(imageCodec.encode(metric)).meters],
    [1, INFINITE, unknown, unknown, unknown, 3],
  );
  const shorts = Uint16Array.of(1000, 0, 65535, 2500, 0, 1);
  const millimetric = { ...image, encoding: '16UC1', step: 6, data: new Uint8Array(shorts.buffer) };
  t.deepEqual(
    [...sampleDepth(imageCodec.encode(millimetric)).meters],
    [1, INFINITE, Math.fround(65.535), 2.5, INFINITE, Math.fround(0.001)],
  );
  const large = new Float32Array(375 * 1242).fill(7);
  const wide = { header, height: 375, width: 1242, is_bigendian: 0, encoding: '32FC1', step: 4968 };
  const { meters } = sampleDepth(imageCodec.encode({ ...wide, data: new Uint8Array(large.buffer) }));
  t.true(meters.length > 3000 && meters.length <= 4096 && meters.every((value) => value === 7));
});

test('the figures of two models are those worked out by hand', (t) => {
  const found = likeness(pair((meters, i) => (i === 0 ? Number.NaN : i === 1 ? INFINITE : 2 * meters)));
  t.is(found.frames, 1);
  t.is(found.finite, 0.98);
  t.is(found.unknown, 0.01);
  t.is(found.finiteBefore, 1);
  t.is(found.ratio, 2);
  t.is(found.deviation, 0);
  // A quarter of the pixels is four times nearer: neither median notices.
  t.like(likeness(pair((meters, i) => meters * (i % 4 === 0 ? 0.25 : 1))), { ratio: 1, deviation: 0 });
  // Times e^k, k from -2 to 2 in turn: the median of k is 0, that of |k| (0, 1, 1, 2, 2) is 1.
  const steps = likeness(pair((meters, i) => meters * Math.exp((i % 5) - 2)));
  t.true(Math.abs((steps.ratio ?? 0) - 1) < 1e-6, `${steps.ratio}`);
  t.true(Math.abs((steps.deviation ?? 0) - 1) < 1e-6, `${steps.deviation}`);
});

test('a model that sees about the same is plausible', (t) => {
  t.is(implausible(likeness(pair((meters, i) => meters * (1 + 0.2 * Math.sin(i)))), true), undefined);
  t.is(implausible(likeness(pair((meters) => 1.8 * meters)), true), undefined);
});

test('holes, lost depth, one depth everywhere, another scale and another scene are not', (t) => {
  const problem = (change: (meters: number, i: number) => number, metric = true) =>
    implausible(likeness(pair(change)), metric) ?? '';
  t.regex(
    problem((meters, i) => (i % 50 === 0 ? Number.NaN : meters)),
    /^2\.0 % of its pixels have no depth \(NaN\)/,
  );
  t.regex(
    problem((meters, i) => (i % 3 === 0 ? meters : INFINITE)),
    /^only 34\.0 % .* the running model 100\.0 %/,
  );
  t.is(
    problem(() => 20),
    'it sees the same depth everywhere',
  );
  t.regex(
    problem((meters) => 3 * meters),
    /^its depths are 3\.00 times those of the running model/,
  );
  t.regex(
    problem((meters) => 900 / meters),
    /^it sees another scene/,
  );
});

test('models without metres may differ in scale, not in the scene', (t) => {
  t.is(implausible(likeness(pair((meters) => 30 * meters)), false), undefined);
  t.regex(implausible(likeness(pair((meters) => 900 / meters)), false) ?? '', /another scene/);
});

test('a model that is looked at alone is only asked for depths', (t) => {
  const alone = (meters: readonly number[]) => implausible(likeness([{ after: of(...meters) }]), true);
  t.is(alone(scene), undefined);
  t.regex(alone(scene.map(() => INFINITE)) ?? '', /^only 0\.0 % of its pixels have a finite depth, expected/);
});
