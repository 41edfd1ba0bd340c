import test from 'ava';
import type { MotionView } from '../../../../nodes/perception/motion/motion-view.js';
import { type JudgeOptions, MovingJudge } from '../../../../nodes/perception/motion/moving-judge.js';
import { type Board, flatScene } from './flat-scene.js';

const PARKED: Board = { left: 3, top: -0.7, width: 1.8, height: 1.5, z: 20, kind: 'vehicle' };
const AHEAD: Board = { left: -0.9, top: -0.7, width: 1.8, height: 1.5, z: 15, kind: 'vehicle' };
const EXACT: Partial<JudgeOptions> = { depthError: 0.05, shapeError: 0.02, poseNoise: 0.2 };

/** Frames at 10 Hz of a camera that drives at `speed`. */
function drive(boards: readonly Board[], speed: number, frames: number): MotionView[] {
  return Array.from({ length: frames }, (_, i) => flatScene(boards, { x: 0, z: (speed * i) / 10 }, i / 10));
}

/** Share of a board's pixels in the last view that are judged to move. */
function share(moving: Uint8Array, view: MotionView, isBoard: (depth: number) => boolean): number {
  let [all, marked] = [0, 0];
  for (let i = 0; i < moving.length; i++) {
    if (view.kinds[i] === 0) {
      if (moving[i] !== 0) return Number.NaN;
      continue;
    }
    if (!isBoard(view.depth[i] ?? 0)) continue;
    all += 1;
    if (moving[i] === 255) marked += 1;
  }
  return marked / all;
}

function judged(
  views: readonly MotionView[],
  options = EXACT,
  metersPerUnit = 1,
): { moving: Uint8Array; last: MotionView } {
  const judge = new MovingJudge(options);
  let moving: Uint8Array = new Uint8Array();
  for (const view of views) ({ moving } = judge.judge(view, metersPerUnit));
  return { moving, last: views[views.length - 1] };
}

test('a car that drives ahead at our speed moves, the parked one beside it does not', (t) => {
  const { moving, last } = judged(drive([PARKED, { ...AHEAD, vz: 8 }], 8, 8));
  t.is(
    share(moving, last, (z) => z > 14.5 && z < 15.5),
    1,
    'ahead',
  );
  t.is(
    share(moving, last, (z) => z < 14.5),
    0,
    'parked',
  );
});

test('a car that drives ahead at our speed is not told by two frames: nothing moved between them', (t) => {
  const { moving, last } = judged(drive([{ ...AHEAD, vz: 8 }], 8, 2));
  t.is(
    share(moving, last, () => true),
    0,
  );
});

test('standing, what crosses moves and what waits does not', (t) => {
  const crossing: Board = { ...AHEAD, left: -5, z: 12, vx: 5 };
  const { moving, last } = judged(drive([PARKED, crossing], 0, 6));
  t.is(
    share(moving, last, (z) => z < 13),
    1,
    'crossing',
  );
  t.is(
    share(moving, last, (z) => z > 13),
    0,
    'waiting',
  );
});

test('a judgement outlasts a frame in which nothing can be measured', (t) => {
  const views = drive([{ ...AHEAD, vz: 8 }], 8, 9);
  const judge = new MovingJudge(EXACT);
  let moving: Uint8Array = new Uint8Array();
  for (const view of views.slice(0, 8)) ({ moving } = judge.judge(view));
  t.is(
    share(moving, views[7], () => true),
    1,
  );
  // No structure at all in the last picture: nothing can be measured in it.
  const last = views[8];
  const flat = last.grey.map((level) => ({ ...level, data: new Float32Array(level.data.length).fill(90) }));
  t.is(
    share(judge.judge({ ...last, grey: flat }).moving, last, () => true),
    1,
  );
});

test('reset forgets: the next frame is judged as a first one', (t) => {
  const views = drive([{ ...AHEAD, vz: 8 }], 8, 9);
  const judge = new MovingJudge(EXACT);
  for (const view of views.slice(0, 8)) judge.judge(view);
  judge.reset();
  t.is(
    share(judge.judge(views[8]).moving, views[8], () => true),
    0,
  );
});

test('people are taken to move until they are seen to stand', (t) => {
  const person: Board = { left: 1.5, top: -0.9, width: 0.7, height: 1.7, z: 9, kind: 'person' };
  const views = drive([person], 6, 9);
  const first = judged(views.slice(0, 1));
  t.is(
    share(first.moving, first.last, () => true),
    1,
  );
  const later = judged(views);
  t.is(
    share(later.moving, later.last, () => true),
    0,
  );
});

test('the same motion in another unit of depth is judged the same', (t) => {
  const views = drive([PARKED, { ...AHEAD, vz: 8 }], 8, 8);
  const scaled = views.map((view) => ({
    ...view,
    depth: view.depth.map((z) => z / 5),
    worldFromCamera: view.worldFromCamera.map((value, i) => (i % 4 === 3 && i < 12 ? value / 5 : value)),
  }));
  const metres = judged(views).moving;
  t.deepEqual(judged(scaled, EXACT, 5).moving, metres);
});

test('a camera that stands sees that a car creeps; one that drives cannot tell it from errors of the depth', (t) => {
  const creeping: Board = { ...PARKED, left: 4, z: 12, vz: -0.15 };
  const views = (speed: number) =>
    Array.from({ length: 26 }, (_, i) =>
      flatScene([creeping, { ...AHEAD, z: 18 }], { x: 0, z: (speed * i) / 10 }, i / 10),
    );
  const marked = (speed: number) => {
    const { moving, last } = judged(views(speed), {});
    const [nearest, farthest] = [12 - 0.15 * 2.5, 18].map((z) => z - 2.5 * speed);
    const of = (z: number) => share(moving, last, (depth) => Math.abs(depth - z) < 1);
    return [of(nearest ?? 0), of(farthest ?? 0)];
  };
  t.deepEqual(marked(0), [1, 0]);
  t.is(marked(2)[1], 0);
});

test('what does not change for longer than views are kept stands', (t) => {
  const judge = new MovingJudge({});
  const [view] = drive([PARKED], 0, 1);
  const times = Array.from({ length: 80 }, (_, i) => BigInt(i) * 100_000_000n);
  let moving: Uint8Array = new Uint8Array();
  for (const stampNs of times) ({ moving } = judge.judge({ ...view, stampNs }));
  t.is(
    share(moving, view, () => true),
    0,
  );
});
