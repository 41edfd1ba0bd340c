import test from 'ava';
import { composeTransforms, invertTransform } from '../../msgs/camera/rigid-transform.js';
import { medianParallax } from '../../training/adaptation/drive/parallax.js';
import { staticWeight } from '../../training/adaptation/drive/survey.js';
import { domainNamed } from '../../training/simulator/domains.js';
import { simulateDrive } from '../../training/simulator/drive.js';
import type { SimulatedFrame } from '../../training/simulator/frame.js';
import { depthFrame, directPose } from '../../vision/direct-pose.js';
import { slopedPyramid } from '../../vision/sloped-pyramid.js';

const LEVELS = 4;

function drive(seed: number, frames: number): SimulatedFrame[] {
  const domain = domainNamed('town-camera');
  return [...simulateDrive({ domain, seed, frames, width: 256, height: 96, frameRate: 10 })];
}

function estimate(target: SimulatedFrame, source: SimulatedFrame, scale = 1) {
  const depth = target.depthMeters.map((z) => z * scale);
  const grey = slopedPyramid(target, LEVELS);
  const frame = depthFrame(grey, depth, staticWeight(target.labels, depth.length), target.intrinsics);
  const direction = source.stampNs > target.stampNs ? 1 : -1;
  return { frame, pose: directPose(frame, slopedPyramid(source, LEVELS), direction, 0) };
}

/** Rotation (degrees) and translation (metres) between an estimate and the simulator's poses. */
function errorOf(target: SimulatedFrame, source: SimulatedFrame, estimated: Float64Array) {
  const truth = composeTransforms(invertTransform(source.worldFromCamera), target.worldFromCamera);
  const rest = composeTransforms(invertTransform(truth), estimated);
  const cosine = (rest[0] + rest[5] + rest[10] - 1) / 2;
  return {
    degrees: (Math.acos(Math.min(1, cosine)) * 180) / Math.PI,
    meters: Math.hypot(rest[3], rest[7], rest[11]),
    moved: Math.hypot(truth[3], truth[7], truth[11]),
  };
}

test('the pose found from true depth is the simulator’s, forward and backward', (t) => {
  const frames = drive(3, 4);
  for (const [target, source] of [
    [frames[1], frames[3]],
    [frames[3], frames[1]],
  ]) {
    const { pose } = estimate(target, source);
    const { degrees, meters, moved } = errorOf(
      target,
      source,
      pose?.sourceFromTarget ?? new Float64Array(16),
    );
    t.true(moved > 0.8, `the camera moved ${moved} m`);
    t.true(meters < 0.08 * moved, `${meters} m of ${moved} m`);
    t.true(degrees < 0.15, `${degrees} degrees`);
  }
});

test('a depth of another scale gives a translation of that scale', (t) => {
  const [target, , source] = drive(4, 3);
  const one = estimate(target, source).pose?.sourceFromTarget[11] ?? 0;
  const three = estimate(target, source, 3).pose?.sourceFromTarget[11] ?? 0;
  t.true(Math.abs(three / one - 3) < 0.1, `${three} and ${one}`);
});

test('a change of exposure does not move the pose', (t) => {
  const [target, source] = drive(3, 2);
  const darker = { ...source, rgb: source.rgb.map((value) => 0.8 * value + 10) };
  const { pose } = estimate(target, darker);
  t.true(errorOf(target, source, pose?.sourceFromTarget ?? new Float64Array(16)).meters < 0.08);
});

test('parallax is that of the true motion, and none for the same picture', (t) => {
  const [target, source] = drive(3, 2);
  const { frame } = estimate(target, source);
  const truth = composeTransforms(invertTransform(source.worldFromCamera), target.worldFromCamera);
  const { pose } = estimate(target, source);
  const expected = medianParallax(frame, truth);
  t.true(expected > 0.5);
  const found = medianParallax(frame, pose?.sourceFromTarget ?? new Float64Array(16));
  t.true(Math.abs(found / expected - 1) < 0.15, `${found} pixels, expected ${expected}`);
  const still = estimate(target, target).pose;
  t.true(medianParallax(frame, still?.sourceFromTarget ?? new Float64Array(16)) < 0.02);
});

test('the parallax of a hand-made scene is focal length times shift over depth', (t) => {
  const [width, height] = [64, 32];
  const picture = { width, height, rgb: new Uint8Array(width * height * 3) };
  const depth = new Float32Array(width * height).fill(10);
  // Half of the picture is sky, which has no parallax and does not count.
  depth.fill(Number.POSITIVE_INFINITY, 0, (width * height) / 2);
  const weight = new Float32Array(width * height).fill(1);
  const frame = depthFrame(slopedPyramid(picture, 3), depth, weight, {
    fx: 100,
    fy: 100,
    cx: 31.5,
    cy: 15.5,
  });
  const aside = Float64Array.of(1, 0, 0, 0.5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
  t.true(Math.abs(medianParallax(frame, aside) - (100 * 0.5) / 10) < 1e-3);
});
