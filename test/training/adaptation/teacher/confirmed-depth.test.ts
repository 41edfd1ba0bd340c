import anyTest, { type TestFn } from 'ava';
import type { RigidTransform } from '../../../../msgs/camera/rigid-transform.js';
import { PhotometricScore } from '../../../../training/adaptation/judge/photometric-score.js';
import { confirmedDepth } from '../../../../training/adaptation/teacher/confirmed-depth.js';
import { DYNAMIC_CLASSES } from '../../../../training/losses/dynamic-masks.js';
import { domainNamed } from '../../../../training/simulator/domains.js';
import { simulateDrive } from '../../../../training/simulator/drive.js';
import type { SimulatedFrame } from '../../../../training/simulator/frame.js';

const SIZE = { width: 256, height: 96 };
const test = anyTest as TestFn<{ score: PhotometricScore }>;

let frames: SimulatedFrame[] = [];
/** What a middling model sees: up to 25 % too near or too far, in patches. */
let own: Float32Array;

test.before(async () => {
  frames = [
    ...simulateDrive({ domain: domainNamed('town-clean'), seed: 101, frames: 3, frameRate: 10, ...SIZE }),
  ];
  own = frames[1].depthMeters.map(
    (z, i) => z * (1 + 0.25 * Math.sin((i % SIZE.width) / 9) * Math.cos(Math.floor(i / SIZE.width) / 6)),
  );
});

test.beforeEach(async (t) => {
  t.context.score = await PhotometricScore.create(SIZE, 1);
});

test.afterEach.always((t) => t.context.score.close());

/** sourceFromTarget of two frames: rotations are orthogonal, so that the inverse is the transpose. */
function poseBetween(target: SimulatedFrame, source: SimulatedFrame): RigidTransform {
  const [a, b] = [source.worldFromCamera, target.worldFromCamera];
  const pose = new Float64Array(16);
  pose[15] = 1;
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      for (let k = 0; k < 3; k++) pose[4 * row + column] += a[4 * k + row] * b[4 * k + column];
    }
    for (let k = 0; k < 3; k++) pose[4 * row + 3] += a[4 * k + row] * (b[4 * k + 3] - a[4 * k + 3]);
  }
  return pose;
}

async function confirm(score: PhotometricScore, taughtDepth: Float32Array, ownDepth = own) {
  const [previous, target, next] = frames;
  const found = await confirmedDepth(
    {
      ...{ target: target.rgb, previous: previous.rgb, next: next.rgb, labels: target.labels },
      ...{ ownDepth, taughtDepth },
      ...{ previousPose: poseBetween(target, previous), nextPose: poseBetween(target, next) },
    },
    { ...SIZE, intrinsics: target.intrinsics },
    score,
  );
  if (found === undefined) throw new Error('no motion fits');
  return found;
}

test('the true depth explains the drive better than a middling model, and most of it is confirmed', async (t) => {
  const truth = frames[1].depthMeters;
  const { errorRatio, share, depthMeters } = await confirm(t.context.score, truth);
  t.true(errorRatio < 0.9, `${errorRatio}`);
  t.true(share > 0.6, `${share}`);
  t.true(
    depthMeters.every((z, i) => Number.isNaN(z) || z === truth[i]),
    'what is confirmed is what was taught',
  );
});

test('wrong depth explains it worse: near for far, a wall, another picture', async (t) => {
  const truth = frames[1].depthMeters;
  const rows = Array.from({ length: SIZE.height }, (_, y) => y * SIZE.width);
  const upsideDown = Float32Array.from(
    rows.reverse().flatMap((at) => [...truth.subarray(at, at + SIZE.width)]),
  );
  for (const wrong of [truth.map((z) => Math.min(100, 150 / z)), truth.map(() => 12), upsideDown]) {
    const { errorRatio, share } = await confirm(t.context.score, wrong);
    t.true(errorRatio > 1.02, `${errorRatio}`);
    t.true(share < 0.6, `${share}`);
  }
});

test('where part of a depth is wrong, less is confirmed there than elsewhere', async (t) => {
  const truth = frames[1].depthMeters;
  // A good model would not be outdone by it.
  const wrong = truth.map((z, i) => (i % SIZE.width < SIZE.width / 3 ? 3 * z : z));
  const { depthMeters } = await confirm(t.context.score, wrong, truth);
  const shareOf = (isIn: (column: number) => boolean) => {
    const column = [...depthMeters].filter((_, i) => isIn(i % SIZE.width) && truth[i] < 60);
    return column.filter((z) => z > 0).length / column.length;
  };
  const [left, right] = [shareOf((x) => x < SIZE.width / 3), shareOf((x) => x >= SIZE.width / 3)];
  t.true(left < 0.6 * right, `${left} ${right}`);
});

test('what could move is not believed to be far from where the model has it, unless the drive shows it', async (t) => {
  const { depthMeters: truth, labels } = frames[1];
  const isDynamic = (i: number) => DYNAMIC_CLASSES.includes(labels[i]);
  const moved = truth.map((z, i) => (isDynamic(i) ? 2.5 * z : z));
  const share = (depth: Float32Array) => {
    const objects = [...depth.keys()].filter(isDynamic);
    return objects.filter((i) => depth[i] > 0).length / objects.length;
  };
  t.true([...labels.keys()].filter(isDynamic).length > 200, 'there are vehicles');
  const wrong = share((await confirm(t.context.score, moved, truth)).depthMeters);
  t.true(wrong < 0.05, `${wrong}`);
});

test('a depth that says nothing confirms nothing', async (t) => {
  const truth = frames[1].depthMeters;
  const half = truth.map((z, i) => (i % SIZE.width < SIZE.width / 2 ? Number.NaN : z));
  const { depthMeters } = await confirm(t.context.score, half);
  t.true(depthMeters.every((z, i) => i % SIZE.width >= SIZE.width / 2 || Number.isNaN(z)));
});
