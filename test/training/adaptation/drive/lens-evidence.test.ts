import test from 'ava';
import { lensEvidence } from '../../../../training/adaptation/drive/lens-evidence.js';
import { type ViewedPicture, withOtherLens } from '../../../../training/adaptation/drive/other-lens.js';

const [WIDTH, HEIGHT] = [160, 96];
const INTRINSICS = { fx: 100, fy: 100, cx: 79.5, cy: 47.5 };

/** A wall 10 m ahead that leans to one side, with waves on it; seen from `ahead` metres nearer and turned by `turn` radians. */
function seen(ahead: number, turn: number, k1: number): ViewedPicture {
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3);
  const depthMeters = new Float32Array(WIDTH * HEIGHT);
  for (let row = 0; row < HEIGHT; row++) {
    for (let column = 0; column < WIDTH; column++) {
      // The lens moved what it saw at the undistorted place: a few iterations find that.
      const [u, v] = [(column - INTRINSICS.cx) / INTRINSICS.fx, (row - INTRINSICS.cy) / INTRINSICS.fy];
      let [x, y] = [u, v];
      for (let i = 0; i < 20; i++) {
        const bend = 1 + k1 * (x * x + y * y);
        [x, y] = [u / bend, v / bend];
      }
      const [rx, rz] = [x * Math.cos(turn) + Math.sin(turn), Math.cos(turn) - x * Math.sin(turn)];
      // Z = 10 + 0.4 X - ahead in the first camera's frame.
      const t = (10 - ahead) / (rz - 0.4 * rx);
      const [X, Y] = [rx * t, y * t];
      const grey =
        128 + 50 * Math.sin(2.1 * X + 0.3) + 45 * Math.cos(2.7 * Y) + 20 * Math.sin(4.3 * X + 3.1 * Y);
      const i = row * WIDTH + column;
      rgb.fill(Math.round(grey), 3 * i, 3 * i + 3);
      depthMeters[i] = t;
    }
  }
  return { width: WIDTH, height: HEIGHT, rgb, depthMeters, labels: new Uint8Array(WIDTH * HEIGHT).fill(2) };
}

const drive = (turn: number, k1: number, focal = 1, step = 0.3) =>
  Array.from({ length: 4 }, (_, i) => {
    const [target, next] = [seen(step * i, turn * i, k1), seen(step * (i + 1), turn * (i + 1), k1)];
    // A network's depth grows with the focal length that it is told.
    return { target: { ...target, depthMeters: target.depthMeters.map((z) => z / focal) }, next };
  });

test('a distortion that camera_info leaves out is found, and none where there is none', (t) => {
  const [found] = lensEvidence(drive(0.04, -0.25, 1, 0.8), INTRINSICS, [{ focal: 1, k1: -0.25 }]);
  t.true(found.tells, JSON.stringify(found.change));
  const [none] = lensEvidence(drive(0.04, 0, 1, 0.8), INTRINSICS, [{ focal: 1, k1: -0.25 }]);
  t.false(none.tells);
  t.true(none.change.low > 0, JSON.stringify(none.change));
});

test('straight ahead no focal length is better than another; in a turn the true one is', (t) => {
  const told = { ...INTRINSICS, fx: INTRINSICS.fx / 1.4, fy: INTRINSICS.fy / 1.4 };
  const error = { focal: 1.4, k1: 0 };
  const [straight] = lensEvidence(drive(0, 0, 1.4), told, [error]);
  t.false(straight.tells, JSON.stringify(straight.change));
  const [turning] = lensEvidence(drive(0.05, 0, 1.4), told, [error]);
  t.true(turning.tells, JSON.stringify(turning.change));
});

test('taking a distortion out moves a picture back to where a pinhole camera sees it', (t) => {
  const { picture, intrinsics } = withOtherLens(seen(0, 0, -0.25), INTRINSICS, { focal: 1, k1: -0.25 });
  const truth = seen(0, 0, 0);
  t.is(intrinsics.fx, INTRINSICS.fx);
  let [off, bent, count] = [0, 0, 0];
  for (let row = 20; row < HEIGHT - 20; row++) {
    for (let column = 30; column < WIDTH - 30; column++) {
      const i = 3 * (row * WIDTH + column);
      off += Math.abs(picture.rgb[i] - truth.rgb[i]);
      bent += Math.abs(seen0.rgb[i] - truth.rgb[i]);
      count++;
    }
  }
  t.true(off / count < 3 && bent / count > 2 * (off / count), `${off / count} of ${bent / count}`);
});

const seen0 = seen(0, 0, -0.25);
