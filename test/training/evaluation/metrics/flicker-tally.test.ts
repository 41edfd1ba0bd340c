import test from 'ava';
import { identityTransform } from '../../../../msgs/camera/rigid-transform.js';
import { FlickerTally } from '../../../../training/evaluation/metrics/flicker-tally.js';

const [HEIGHT, WIDTH] = [64, 96];
const INTRINSICS = { fx: 60, fy: 60, cx: (WIDTH - 1) / 2, cy: (HEIGHT - 1) / 2 };
const near = (a: number | undefined, b: number) => Math.abs((a ?? Number.NaN) - b) < 1e-4;

/** A wall that is `meters` away and looks `error` times as far, from a camera that came `ahead` metres. */
function wall(meters: number, error: number, ahead: number) {
  const worldFromCamera = identityTransform();
  worldFromCamera[11] = ahead;
  return {
    ...{ height: HEIGHT, width: WIDTH, intrinsics: INTRINSICS, worldFromCamera },
    depthMeters: new Float32Array(HEIGHT * WIDTH).fill(meters * error),
  };
}

test('exact depth of a wall that is approached does not flicker', (t) => {
  const tally = new FlickerTally();
  for (let i = 0; i < 5; i++) tally.add(wall(20 - 2 * i, 1, 2 * i));
  t.is(tally.result()?.pairs, 4);
  t.true(near(tally.result()?.flicker, 0));
});

test('a scale that jumps is flicker and jitter, by its logarithm', (t) => {
  const tally = new FlickerTally();
  for (let i = 0; i < 5; i++) tally.add(wall(20, i % 2 === 0 ? 1 : 1.1, 0));
  t.true(near(tally.result()?.flicker, Math.log(1.1)));
  t.true(near(tally.result()?.scaleJitter, Math.log(1.1)));
});

test('noise of single pixels is flicker without jitter; what may move, and what jumps, does not count', (t) => {
  const tally = new FlickerTally();
  const dynamic = Uint8Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i % WIDTH < 32 ? 255 : 0));
  for (let k = 0; k < 3; k++) {
    const frame = wall(20, 1, 0);
    frame.depthMeters.forEach((value, i) => {
      const column = i % WIDTH;
      const row = Math.floor(i / WIDTH);
      if (column < 32)
        frame.depthMeters[i] = k === 1 ? 5 : 20; // a car
      else if (column > 80)
        frame.depthMeters[i] = k === 1 ? 60 : 20; // hidden before
      // Rows of four pixels, nearer and farther by turns; the middle third is even.
      else if (k === 1) frame.depthMeters[i] = value * ([1.05, 1, 1 / 1.05][(row >> 2) % 3] ?? 1);
    });
    tally.add({ ...frame, dynamic });
  }
  t.true(Math.abs((tally.result()?.flicker ?? 0) - (2 / 3) * Math.log(1.05)) < 0.004);
  t.true(near(tally.result()?.scaleJitter, 0));
});

test('frames that do not follow each other, or have another size, are no pair', (t) => {
  const tally = new FlickerTally();
  t.is(tally.result(), undefined);
  tally.add(wall(20, 1, 0));
  tally.breakOff();
  tally.add(wall(20, 1.2, 0));
  t.is(tally.result(), undefined);
});
