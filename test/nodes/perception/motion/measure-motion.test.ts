import test from 'ava';
import { componentSamples } from '../../../../nodes/perception/motion/component-samples.js';
import { connectedComponents } from '../../../../nodes/perception/motion/connected-components.js';
import { measureMotion } from '../../../../nodes/perception/motion/measure-motion.js';
import { type MotionModel, motionEvidence } from '../../../../nodes/perception/motion/motion-evidence.js';
import type { MotionView } from '../../../../nodes/perception/motion/motion-view.js';
import { type Board, flatScene, SCENE } from './flat-scene.js';

const CAR: Board = { left: 1, top: -0.7, width: 1.8, height: 1.5, z: 16, kind: 'vehicle' };
const MODEL: MotionModel = {
  ...{ poseNoise: 0.2, depthError: 0.1, shapeError: 0.02, viewNoise: 0.15, fitNoise: 2 },
  gaits: [{ sideSpeed: 2, speed: 7 }],
};

function only(view: MotionView) {
  const [component] = connectedComponents(view.kinds, view.depth, view.height, view.width);
  if (component === undefined) throw new Error('the scene has no component');
  return componentSamples(component, view, 150);
}

/** A board at `seconds` and 0 seconds, the camera at z = travelled and 0. */
function measured(board: Board, seconds: number, travelled: number, alter = (view: MotionView) => view) {
  const later = alter(flatScene([board], { x: 0, z: travelled }, seconds));
  const earlier = flatScene([board], { x: 0, z: 0 }, 0);
  const found = measureMotion(only(later), later, earlier);
  if (found === undefined) throw new Error('nothing was found');
  return found.measured;
}

test('what stands has no residual motion, however far the camera went', (t) => {
  for (const travelled of [0, 0.8, 3]) {
    const { fit } = measured(CAR, 0.4, travelled);
    t.true(Math.hypot(fit.du, fit.dv) < 0.15 && Math.abs(fit.growth) < 0.01, JSON.stringify(fit));
    t.true(fit.correlation > 0.95);
  }
});

test('a car that kept its distance was larger before than a standing one: hand-worked', (t) => {
  // Camera and car went 3 m: the car was at 16 m, a standing one would have been at 19 m.
  const { fit, parallax } = measured({ ...CAR, vz: 7.5 }, 0.4, 3);
  t.true(Math.abs(fit.growth - Math.log(19 / 16)) < 0.02, `${fit.growth}`);
  // Its middle, 1.9 m to the right, was seen at f 1.9 / 16 instead of f 1.9 / 19.
  const expected = SCENE.focal * 1.9 * (1 / 16 - 1 / 19);
  t.true(Math.abs(fit.du - expected) < 0.25, `${fit.du} ${expected}`);
  t.true(parallax > expected);
});

test('a car that crosses was elsewhere: hand-worked', (t) => {
  const { fit } = measured({ ...CAR, vx: 4 }, 0.2, 0.5);
  const expected = (-SCENE.focal * 0.8) / 16;
  t.true(Math.abs(fit.du - expected) < 0.25, `${fit.du} ${expected}`);
  t.true(Math.abs(fit.growth) < 0.02);
});

test('evidence is for motion where something moved, against it where there is parallax and it did not', (t) => {
  t.true(motionEvidence(measured({ ...CAR, vz: 7.5 }, 0.4, 3), MODEL).evidence > 5);
  t.true(motionEvidence(measured({ ...CAR, vx: 4 }, 0.2, 0.5), MODEL).evidence > 5);
  t.true(motionEvidence(measured(CAR, 0.4, 3), MODEL).evidence < -2);
});

test('the velocity is that of the thing over ground, whatever the camera does', (t) => {
  const near = (board: Board, seconds: number, travelled: number, expected: readonly number[]) => {
    const { velocity } = motionEvidence(measured(board, seconds, travelled), MODEL);
    velocity.forEach((value, k) => {
      // What is measured is weighed against how fast things usually are.
      t.true(
        Math.abs(value - (expected[k] ?? 0)) < 0.3 + 0.25 * Math.hypot(...expected),
        `${velocity} ${expected}`,
      );
    });
  };
  near({ ...CAR, vz: 7.5 }, 0.4, 3, [0, 0, 7.5]);
  near({ ...CAR, vx: 4 }, 0.2, 0.5, [4, 0, 0]);
  near({ ...CAR, vz: -6 }, 0.3, 0, [0, 0, -6]);
  near(CAR, 0.4, 3, [0, 0, 0]);
});

test('the likelihood of several gaits is their mean, so one that does not fit costs half at most', (t) => {
  const creeping = measured({ ...CAR, vz: -0.3 }, 1, 0);
  const exact = { ...MODEL, poseNoise: 0.03, viewNoise: 0.03 };
  const of = (gaits: MotionModel['gaits']) => motionEvidence(creeping, { ...exact, gaits }).evidence;
  const [fast, slow] = [
    { speed: 7, sideSpeed: 2 },
    { speed: 0.3, sideSpeed: 0.1 },
  ];
  const [alone, other, both] = [of([fast]), of([slow]), of([fast, slow])];
  t.true(Math.abs(both - Math.log((Math.exp(alone) + Math.exp(other)) / 2)) < 1e-9);
  t.true(other > alone, `${other} ${alone}`);
});

test('without time or parallax there is little evidence either way', (t) => {
  const far: Board = { left: -0.9, top: -0.7, width: 1.8, height: 1.5, z: 40, kind: 'vehicle' };
  const slow = { ...MODEL, gaits: [{ speed: 1, sideSpeed: 0.3 }] };
  const { evidence } = motionEvidence(measured(far, 0.05, 0.3), slow);
  t.true(Math.abs(evidence) < 1, `${evidence}`);
});

test('a wrong depth is no motion: it moves things along the epipolar line', (t) => {
  const wrong = (view: MotionView): MotionView => ({
    ...view,
    depth: view.depth.map((z, i) => (view.kinds[i] === 0 ? z : z * 1.12)),
  });
  const side: Board = { ...CAR, left: 3, z: 12 };
  const right = measured(side, 0.2, 2);
  const off = measured(side, 0.2, 2, wrong);
  t.true(Math.abs(off.fit.du) > Math.abs(right.fit.du) + 0.5, `${off.fit.du} ${right.fit.du}`);
  t.true(motionEvidence(off, { ...MODEL, depthError: 0.15 }).evidence < 0);
  t.true(
    motionEvidence(off, { ...MODEL, depthError: 0.01, shapeError: 0.001, poseNoise: 0.05 }).evidence > 2,
  );
});

test('what is hidden in the earlier view cannot be measured', (t) => {
  const lorry: Board = { left: -6, top: -3, width: 12, height: 6, z: 8, kind: 'none' };
  const later = flatScene([CAR], { x: 0, z: 1 }, 0.2);
  const earlier = flatScene([CAR, lorry], { x: 0, z: 0 }, 0);
  t.is(measureMotion(only(later), later, earlier), undefined);
});
