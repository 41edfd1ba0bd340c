import test from 'ava';
import { identityTransform } from '../../msgs/camera/rigid-transform.js';
import { transformFromAxisAngle } from '../../msgs/camera/transform-from-axis-angle.js';
import { type DescentOptions, descend, type ExposedPose, POSE_PARAMETERS } from '../../vision/descend.js';

const OPTIONS: DescentOptions = {
  iterations: 20,
  leastOverlap: 0.3,
  converged: 1e-12,
  relief: 5,
  mostDamping: 100,
};
const START: ExposedPose = { pose: identityTransform(), gain: 1, offset: 0 };
const TURN = transformFromAxisAngle([0, 0, 0.2, 0.5, -0.3, 0.1]);
const POINTS = [
  [1, 0, 2],
  [0, 1, 3],
  [-1, 1, 4],
  [2, -1, 5],
] as const;

/** Residuals that are linear in what is sought: T p - TURN p of four points, gain - 1.25 and offset + 4. */
function linearize({ pose, gain, offset }: ExposedPose) {
  const hessian = new Float64Array(POSE_PARAMETERS ** 2);
  const gradient = new Float64Array(POSE_PARAMETERS);
  let cost = 0;
  const add = (residual: number, slopes: readonly number[]) => {
    cost += residual * residual;
    slopes.forEach((a, p) => {
      gradient[p] = (gradient[p] ?? 0) - a * residual;
      slopes.forEach((b, q) => {
        const at = p * POSE_PARAMETERS + q;
        hessian[at] = (hessian[at] ?? 0) + a * b;
      });
    });
  };
  for (const point of POINTS) {
    const [x = 0, y = 0, z = 0] = moved(pose, point);
    const [tx = 0, ty = 0, tz = 0] = moved(TURN, point);
    // d(exp(w) q + t) / d(w, t) = [-[q]x, I]
    add(x - tx, [0, z, -y, 1, 0, 0, 0, 0]);
    add(y - ty, [-z, 0, x, 0, 1, 0, 0, 0]);
    add(z - tz, [y, -x, 0, 0, 0, 1, 0, 0]);
  }
  add(gain - 1.25, [0, 0, 0, 0, 0, 0, 1, 0]);
  add(offset + 4, [0, 0, 0, 0, 0, 0, 0, 1]);
  return { cost, overlap: 1, hessian, gradient };
}

function moved(pose: ArrayLike<number>, [x, y, z]: readonly [number, number, number]): number[] {
  return [0, 4, 8].map((row) => {
    const { [row]: a = 0, [row + 1]: b = 0, [row + 2]: c = 0, [row + 3]: d = 0 } = pose;
    return a * x + b * y + c * z + d;
  });
}

test('the pose and the change of exposure that fit are found', (t) => {
  const found = descend(START, linearize, OPTIONS);
  for (const [i, value] of TURN.entries()) t.true(Math.abs((found?.pose[i] ?? Number.NaN) - value) < 1e-6);
  t.true(Math.abs((found?.gain ?? Number.NaN) - 1.25) < 1e-6);
  t.true(Math.abs((found?.offset ?? Number.NaN) + 4) < 1e-6);
});

test('a start that shows too little has no result, nor do equations without a solution', (t) => {
  t.is(
    descend(START, (at) => ({ ...linearize(at), overlap: 0.2 }), OPTIONS),
    undefined,
  );
  const nowhere = new Float64Array(POSE_PARAMETERS ** 2).fill(Number.NaN);
  t.is(
    descend(START, (at) => ({ ...linearize(at), hessian: nowhere }), OPTIONS),
    undefined,
  );
});

test('a step that loses the view is not taken: the start stays', (t) => {
  const found = descend(START, (at) => ({ ...linearize(at), overlap: at.gain === 1 ? 1 : 0.1 }), OPTIONS);
  t.is(found?.gain, 1);
  t.deepEqual(found?.pose, START.pose);
});

test('a step that is small enough is the last', (t) => {
  let evaluated = 0;
  const counted = (at: ExposedPose) => {
    evaluated += 1;
    return linearize(at);
  };
  descend(START, counted, { ...OPTIONS, isSmall: () => true });
  t.is(evaluated, 2);
});
