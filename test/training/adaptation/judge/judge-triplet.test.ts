import test from 'ava';
import {
  composeTransforms,
  invertTransform,
  transformPoint,
} from '../../../../msgs/camera/rigid-transform.js';
import { driveFigures, figuresTogether } from '../../../../training/adaptation/judge/judge-drive.js';
import { judgeTriplet, type TripletFigures } from '../../../../training/adaptation/judge/judge-triplet.js';
import { PhotometricScore } from '../../../../training/adaptation/judge/photometric-score.js';
import { domainNamed } from '../../../../training/simulator/domains.js';
import { simulateDrive } from '../../../../training/simulator/drive.js';
import type { SimulatedFrame } from '../../../../training/simulator/frame.js';

const [WIDTH, HEIGHT] = [256, 96];
const domain = domainNamed('town-camera');
const frames = [
  ...simulateDrive({ domain, seed: 3, frames: 5, width: WIDTH, height: HEIGHT, frameRate: 10 }),
];
const view = { width: WIDTH, height: HEIGHT, intrinsics: frames[0].intrinsics };
let score: PhotometricScore;

test.before(async () => {
  score = await PhotometricScore.create(view, 1);
});

test.after.always(() => score.close());

/** The depth of a model that is wrong by a fifth here and there, in smooth patches. */
const wrong = (frame: SimulatedFrame) =>
  frame.depthMeters.map((z, i) => z * Math.exp(0.2 * Math.sin((i % WIDTH) / 20) * Math.cos(i / WIDTH / 11)));

async function judged(
  candidate: (frame: SimulatedFrame) => Float32Array,
  parent: (frame: SimulatedFrame) => Float32Array = wrong,
  shown: readonly SimulatedFrame[] = frames,
): Promise<TripletFigures> {
  const of = (frame: SimulatedFrame) => ({
    ...{ rgb: frame.rgb, labels: frame.labels, parentDepth: parent(frame), candidateDepth: candidate(frame) },
  });
  const [previous, , target, , next] = shown.map(of);
  const { intrinsics } = shown[0];
  const figures = await judgeTriplet({ target, previous, next }, { ...view, intrinsics }, score);
  if (figures === undefined) throw new Error('the triplet says nothing');
  return figures;
}

test('the true depth explains the pictures better than a wrong one, on the same pixels', async (t) => {
  const better = await judged((frame) => frame.depthMeters);
  t.true(better.candidate.error < 0.97 * better.parent.error, JSON.stringify(better));
  t.true(better.candidate.inconsistency < better.parent.inconsistency);
  const worse = await judged(wrong, (frame) => frame.depthMeters);
  t.true(worse.candidate.error > 1.03 * worse.parent.error);
  t.is((await judged(wrong)).pixels, better.pixels, 'the candidate has no say in what counts');
});

test('a model judged against itself is equal in every figure', async (t) => {
  const same = await judged(wrong);
  t.deepEqual(same.candidate, same.parent);
  t.is(same.scale, 1);
  t.true(Math.abs(same.likeness - 1) < 1e-9);
  t.deepEqual([same.invalid, same.holes.dynamic, same.holes.still], [0, 0, 0]);
});

test('a depth of another scale explains the pictures as well, and the scale shows', async (t) => {
  const scaled = await judged((frame) => wrong(frame).map((z) => 1.5 * z));
  t.true(Math.abs(scaled.candidate.error / scaled.parent.error - 1) < 0.005);
  t.true(Math.abs(scaled.scale - 1.5) < 1e-3);
});

test('infinite depth on vehicles changes no photometric figure, but shows as holes', async (t) => {
  const holes = await judged((frame) =>
    wrong(frame).map((z, i) =>
      frame.labels[i] >= 11 && frame.labels[i] <= 18 ? Number.POSITIVE_INFINITY : z,
    ),
  );
  t.is(holes.candidate.error, holes.parent.error);
  t.true(holes.holes.dynamicPixels > 50);
  t.is(holes.holes.dynamic, holes.holes.dynamicPixels);
});

test('a vehicle that the parent has much too near is no hole where the ground at its feet says so', async (t) => {
  // Vehicles whose feet are seen: in the other drive they are cut off by the picture's border.
  const ahead = [
    ...simulateDrive({ domain, seed: 8, frames: 5, width: WIDTH, height: HEIGHT, frameRate: 10 }),
  ];
  const isVehicle = (label: number) => label >= 11 && label <= 18;
  const near = (frame: SimulatedFrame) =>
    frame.depthMeters.map((z, i) => (isVehicle(frame.labels[i]) ? z / 3 : z));
  const corrected = await judged((frame) => frame.depthMeters, near, ahead);
  const spoiled = await judged(
    (frame) => frame.depthMeters.map((z, i) => (isVehicle(frame.labels[i]) ? 99 : z)),
    near,
    ahead,
  );
  const { dynamicPixels } = corrected.holes;
  t.true(dynamicPixels > 20, String(dynamicPixels));
  t.true(corrected.holes.dynamic < 0.4 * dynamicPixels, `${corrected.holes.dynamic} of ${dynamicPixels}`);
  t.true(spoiled.holes.dynamic > 0.9 * dynamicPixels, `${spoiled.holes.dynamic} of ${dynamicPixels}`);
});

test('what a neighbour has for a vehicle counts no pixel that comes from there (eq. 8)', async (t) => {
  const [before, , target, , after] = frames;
  const of = (frame: SimulatedFrame, labels = frame.labels) => ({
    ...{ rgb: frame.rgb, labels, parentDepth: wrong(frame), candidateDepth: wrong(frame) },
  });
  const car = new Uint8Array(WIDTH * HEIGHT).fill(13);
  const plain = { target: of(target), previous: of(before), next: of(after) };
  // By the simulator's own depth and motion: ahead of a car that drives on, all that is seen was seen before.
  t.is(shareOutside(target, before), 0);
  t.is(await judgeTriplet({ ...plain, previous: of(before, car) }, view, score), undefined);
  // What leaves the picture until the next frame may count.
  const left = await judgeTriplet({ ...plain, next: of(after, car) }, view, score);
  t.true((left?.pixels ?? 0) < shareOutside(target, after) + 0.02);
});

/** Of the pixels with a depth those that the other camera's picture does not hold. */
function shareOutside(frame: SimulatedFrame, other: SimulatedFrame): number {
  const otherFromFrame = composeTransforms(invertTransform(other.worldFromCamera), frame.worldFromCamera);
  const { fx, fy, cx, cy } = frame.intrinsics;
  let [outside, seen] = [0, 0];
  for (const [i, z] of frame.depthMeters.entries()) {
    if (!Number.isFinite(z)) continue;
    seen++;
    const [u, v] = [i % WIDTH, Math.floor(i / WIDTH)];
    const point = transformPoint(otherFromFrame, { x: ((u - cx) / fx) * z, y: ((v - cy) / fy) * z, z });
    const [a, b] = [(fx * point.x) / point.z + cx, (fy * point.y) / point.z + cy];
    if (!(a > -0.5 && b > -0.5 && a < WIDTH - 0.5 && b < HEIGHT - 0.5)) outside++;
  }
  return outside / seen;
}

test('a collapsed depth has no spread and explains worse; NaN is counted', async (t) => {
  const flat = await judged((frame) => frame.depthMeters.map(() => 12));
  t.true(flat.candidate.spread < 1e-3);
  t.true(flat.candidate.error > flat.parent.error);
  const broken = await judged((frame) => wrong(frame).map((z, i) => (i % 1000 === 0 ? Number.NaN : z)));
  t.is(broken.invalid, 3 * Math.ceil((WIDTH * HEIGHT) / 1000));
});

test('a drive without parallax says nothing', async (t) => {
  const [frame] = frames;
  const still = {
    rgb: frame.rgb,
    labels: frame.labels,
    parentDepth: wrong(frame),
    candidateDepth: wrong(frame),
  };
  t.is(await judgeTriplet({ target: still, previous: still, next: still }, view, score), undefined);
  const figures = driveFigures([undefined, undefined], WIDTH * HEIGHT);
  t.deepEqual([figures.triplets, figures.valid, figures.blocks], [2, 0, 0]);
});

test('the figures of a drive are those of its triplets together', async (t) => {
  const one = await judged((frame) => frame.depthMeters);
  const { gain, scale, valid, triplets, spreadRatio } = driveFigures([one, undefined, one], WIDTH * HEIGHT);
  const expected = 1 - one.candidate.error / one.parent.error;
  t.true(Math.abs(gain.mean - expected) < 1e-9 && Math.abs(gain.low - expected) < 1e-9);
  t.deepEqual([valid, triplets], [2, 3]);
  t.is(scale, one.scale);
  t.true(Math.abs(spreadRatio - one.candidate.spread / one.parent.spread) < 1e-12);
});

const FIGURES: TripletFigures = {
  ...{ pixels: 0.5, parallaxPixels: 4, invalid: 0, scale: 1, likeness: 0.9, dynamicRatio: undefined },
  parent: { error: 0.2, inconsistency: 0.1, spread: 1 },
  candidate: { error: 0.1, inconsistency: 0.05, spread: 1.5 },
  holes: { dynamicPixels: 10, dynamic: 0, still: 0 },
};

test('of scales and distances of vehicles the median counts: one odd triplet moves neither', (t) => {
  const triplets = [1, 1.02, 0.98, 1.01, 7].map((scale) => ({ ...FIGURES, scale, dynamicRatio: 2 * scale }));
  const { scale, dynamicRatio } = driveFigures(triplets, 100);
  t.deepEqual([scale, dynamicRatio], [1.01, 2.02]);
  t.is(driveFigures([FIGURES], 100).dynamicRatio, 1, 'without vehicles nothing became farther');
});

test('a gain is told by thirds in the order of time, the nearest to what was learned from first', (t) => {
  const errors = [0.1, 0.1, 0.15, 0.15, 0.3, 0.3];
  const triplets = errors.map((error) => ({ ...FIGURES, candidate: { ...FIGURES.candidate, error } }));
  const { gainByThird, gain, stillHoles, dynamicHoles } = driveFigures(
    triplets.map((each, i) => ({ ...each, holes: { dynamicPixels: 10, dynamic: i, still: 5 * i } })),
    100,
  );
  // Of a parent's error of 0.2: half gone, a quarter gone, half as much again.
  for (const [i, expected] of [0.5, 0.25, -0.5].entries()) {
    t.true(Math.abs((gainByThird[i] ?? 9) - expected) < 1e-12, String(gainByThird));
  }
  t.true(Math.abs(gain.mean - (1 - 1.1 / 1.2)) < 1e-12);
  // 0 + 1 + ... + 5 of sixty pixels; five times as many of half of six pictures.
  t.true(Math.abs(dynamicHoles.mean - 15 / 60) < 1e-12);
  t.true(Math.abs(stillHoles.mean - 75 / 300) < 1e-12);
});

test('of several drives each has its thirds, and short ones say something together', (t) => {
  const drive = (...errors: readonly number[]) =>
    errors.map((error) => ({ ...FIGURES, candidate: { ...FIGURES.candidate, error } }));
  const [one, other] = [drive(0.1, 0.15, 0.3), drive(0.2, 0.25, 0.4, 0.2)];
  const learned = driveFigures([...one, ...other], 100, undefined, [0, 0, 0, 1, 1, 1, 1]);
  // Thirds of three and of four triplets: 1 + 1, 1 + 1, 1 + 2, by a parent whose error is 0.2 everywhere.
  for (const [i, expected] of [1 - 0.3 / 0.4, 1 - 0.4 / 0.4, 1 - 0.9 / 0.6].entries())
    t.true(Math.abs((learned.gainByThird[i] ?? 9) - expected) < 1e-12, String(learned.gainByThird));
  // Views of other sizes: 5 of 50 pixels that count, and 5 of 500.
  const holes = { dynamicPixels: 0, dynamic: 0, still: 5 };
  const together = figuresTogether([
    { figures: [{ ...one[0], holes }, undefined], pixelsOfView: 100 },
    { figures: [{ ...other[0], holes }], pixelsOfView: 1000 },
  ]);
  t.deepEqual([together.triplets, together.valid, together.blocks], [3, 2, 2]);
  t.true(Math.abs(together.gain.mean - (1 - 0.3 / 0.4)) < 1e-12);
  t.true(Math.abs(together.stillHoles.mean - 10 / 550) < 1e-12);
});
