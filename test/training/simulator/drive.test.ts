import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { domainNamed } from '../../../training/simulator/domains.js';
import { simulateDrive } from '../../../training/simulator/drive.js';
import type { SimulatedFrame } from '../../../training/simulator/frame.js';
import { frameHash } from './picture-hash.js';

const OPTIONS = {
  domain: domainNamed('town-clean'),
  seed: 1,
  frames: 4,
  width: 248,
  height: 76,
  frameRate: 10,
};

/** Share of static points of frame a that frame b sees at the predicted depth, and with the same label. */
function agreement(a: SimulatedFrame, b: SimulatedFrame): { depth: number; label: number; points: number } {
  const { fx, fy, cx, cy } = a.intrinsics;
  const [ma, mb] = [a.worldFromCamera, b.worldFromCamera];
  let points = 0;
  let depth = 0;
  let label = 0;
  for (let v = 0; v < a.height; v++) {
    for (let u = 0; u < a.width; u++) {
      const i = v * a.width + u;
      const z = a.depthMeters[i];
      if (z > 50 || a.movingInstances.has(a.instances[i])) continue;
      const p = [((u - cx) / fx) * z, ((v - cy) / fy) * z, z];
      const q = [0, 1, 2].map((r) => {
        let sum = 0;
        for (let k = 0; k < 3; k++) {
          const world = [0, 1, 2].reduce((s, c) => s + ma[k * 4 + c] * p[c], ma[k * 4 + 3]);
          sum += mb[k * 4 + r] * (world - mb[k * 4 + 3]);
        }
        return sum;
      }) as [number, number, number];
      const ub = Math.round((q[0] / q[2]) * fx + cx);
      const vb = Math.round((q[1] / q[2]) * fy + cy);
      if (q[2] < 0.3 || ub < 0 || vb < 0 || ub >= b.width || vb >= b.height) continue;
      const j = vb * b.width + ub;
      if (b.movingInstances.has(b.instances[j])) continue;
      points++;
      // Half a pixel of rounding moves points on the road by a few percent.
      if (Math.abs(b.depthMeters[j] - q[2]) < 0.05 * q[2]) depth++;
      if (b.labels[j] === a.labels[i]) label++;
    }
  }
  return { depth: depth / points, label: label / points, points };
}

test('static points of a frame lie where the poses put them in the next', (t) => {
  const frames = [...simulateDrive(OPTIONS)];
  t.is(frames.length, OPTIONS.frames);
  for (let k = 0; k + 1 < frames.length; k++) {
    const shares = agreement(frames[k], frames[k + 1]);
    t.true(shares.points > 3000);
    t.true(shares.depth > 0.9, `depth ${shares.depth}`);
    t.true(shares.label > 0.93, `label ${shares.label}`);
  }
  // The test can fail: a wrong pose is noticed.
  const [first, second] = frames as [SimulatedFrame, SimulatedFrame];
  const moved = second.worldFromCamera.slice();
  moved[3] += 1.5 * moved[2];
  moved[7] += 1.5 * moved[6];
  t.true(agreement(first, { ...second, worldFromCamera: moved }).depth < 0.75);
});

test('a drive moves on, keeps its camera, and its stamps follow the frame rate', (t) => {
  const frames = [...simulateDrive(OPTIONS)];
  const [first, , , last] = frames as [SimulatedFrame, SimulatedFrame, SimulatedFrame, SimulatedFrame];
  t.deepEqual(
    frames.map((frame) => frame.stampNs),
    [0n, 100_000_000n, 200_000_000n, 300_000_000n],
  );
  t.deepEqual(last.intrinsics, first.intrinsics);
  t.deepEqual(last.baseFromCamera, first.baseFromCamera);
  const moved = Math.hypot(
    last.worldFromCamera[3] - first.worldFromCamera[3],
    last.worldFromCamera[7] - first.worldFromCamera[7],
  );
  t.true(moved > 0.2 && moved < 0.3 * 14 + 0.1, `${moved} m`);
});

test('a drive is the same again, and a longer one does not disturb the frame before', (t) => {
  const a = [...simulateDrive({ ...OPTIONS, frames: 2 })].map(frameHash);
  const b = [...simulateDrive({ ...OPTIONS, frames: 2 })].map(frameHash);
  t.deepEqual(a, b);
});

test('some vehicles move and parked ones do not', (t) => {
  let moving = 0;
  let parked = 0;
  for (let seed = 1; seed < 5; seed++) {
    for (const frame of simulateDrive({ ...OPTIONS, seed, frames: 1 })) {
      for (const instance of new Set(frame.instances)) {
        if (instance === 0) continue;
        if (frame.movingInstances.has(instance)) moving++;
        else parked++;
      }
    }
  }
  t.true(moving > 0);
  t.true(parked > 0);
});

test('in the domain `parked` nothing moves but the camera, in `standing` everything but the camera may', (t) => {
  let moving = 0;
  for (const seed of [3, 4]) {
    const [first, second] = simulateDrive({ ...OPTIONS, domain: domainNamed('parked'), seed, frames: 2 });
    if (first === undefined || second === undefined) throw new Error('no frames');
    t.is(first.movingInstances.size, 0);
    t.true(first.labels.includes(13), 'cars stand there');
    t.notDeepEqual(first.worldFromCamera, second.worldFromCamera);
    const [before, after] = simulateDrive({ ...OPTIONS, domain: domainNamed('standing'), seed, frames: 2 });
    t.deepEqual(before?.worldFromCamera, after?.worldFromCamera);
    moving += before?.movingInstances.size ?? 0;
  }
  t.true(moving > 0);
});

test('drives that cannot be made are refused by name', (t) => {
  const bad = (options: object, named: string): void => {
    const error = t.throws(() => simulateDrive({ ...OPTIONS, ...options }).next(), {
      instanceOf: TrainingError,
    });
    t.true(error?.message.includes(named), error?.message);
  };
  bad({ frames: 0 }, '`frames`');
  bad({ frames: 1.5 }, '`frames`');
  bad({ frameRate: 0 }, '`frameRate`');
  bad({ frames: 1e6 }, 'several drives');
  bad({ width: -3 }, '`width`');
});
