import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../msgs/camera/rigid-transform.js';
import type { Domain } from './domains.js';
import { cos, sin } from './exact-math.js';
import type { Random } from './random.js';
import type { View } from './visibility.js';

/** A camera fixed to a car. Angles in radians: pitch down positive, yaw to the left positive, roll clockwise. */
export interface MountedCamera {
  readonly width: number;
  readonly height: number;
  readonly intrinsics: Intrinsics;
  readonly heightMeters: number;
  readonly pitch: number;
  readonly yaw: number;
  readonly roll: number;
}

const DEGREE = Math.PI / 180;

/** Draws a camera for pictures of the given size; `focalPixels` fixes the focal length. */
export function drawCamera(
  random: Random,
  domain: Domain,
  width: number,
  height: number,
  focalPixels?: number,
): MountedCamera {
  const typical = random.chance(0.55) ? 0.58 + random.normal(0, 0.02) : random.uniform(...domain.focal);
  const focal = focalPixels ?? width * Math.min(domain.focal[1], Math.max(domain.focal[0], typical));
  const ratio = random.normal(1, 0.004);
  // A horizon near the middle, or higher as where the picture was cut to drop the bonnet or the sky.
  const lift = random.chance(0.5) ? random.normal(0, 0.012) : random.uniform(-0.08, 0.08);
  const lowest = domain.cameraHeight[0];
  const heightMeters = random.chance(0.5)
    ? random.normal(1.62, 0.06)
    : random.uniform(...domain.cameraHeight);
  return {
    width,
    height,
    intrinsics: {
      fx: focal,
      fy: focal * ratio,
      cx: (width - 1) / 2 + random.normal(0, 0.012) * width,
      cy: (height - 1) / 2 + lift * height,
    },
    heightMeters: Math.min(domain.cameraHeight[1], Math.max(lowest, heightMeters)),
    pitch: random.uniform(...domain.pitchDegrees) * random.uniform() * DEGREE,
    yaw: random.uniform(...domain.yawDegrees) * random.uniform() * random.uniform() * DEGREE,
    roll: random.uniform(...domain.rollDegrees) * random.uniform() * DEGREE,
  };
}

/** Pose of the car on the road at the camera's foot: ground position, heading (radians), rise a metre. */
export interface CarPose {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly heading: number;
  readonly slope: number;
}

/** The road under the camera (x forward, y left, z up) from the camera's optical axes, 4x4 row major. */
export function baseFromCamera(camera: MountedCamera): RigidTransform {
  const cy = cos(camera.yaw);
  const sy = sin(camera.yaw);
  const cp = cos(camera.pitch);
  const sp = sin(camera.pitch);
  const cr = cos(camera.roll);
  const sr = sin(camera.roll);
  const forward = [cy * cp, sy * cp, -sp] as const;
  const right0 = [sy, -cy, 0] as const;
  const down0 = [-cy * sp, -sy * sp, -cp] as const;
  const m = new Float64Array(16);
  for (let i = 0; i < 3; i++) {
    m[i * 4] = right0[i] * cr + down0[i] * sr;
    m[i * 4 + 1] = down0[i] * cr - right0[i] * sr;
    m[i * 4 + 2] = forward[i];
  }
  m[11] = camera.heightMeters;
  m[15] = 1;
  return m;
}

/** World from the point on the road under the camera, 4x4 row major. */
export function worldFromBase(car: CarPose): RigidTransform {
  const c = cos(car.heading);
  const s = sin(car.heading);
  const l = Math.sqrt(1 + car.slope * car.slope);
  const cp = 1 / l;
  const sp = car.slope / l;
  return Float64Array.of(
    ...[c * cp, -s, -c * sp, car.x],
    ...[s * cp, c, -s * sp, car.y],
    ...[sp, 0, cp, car.z],
    ...[0, 0, 0, 1],
  );
}

/** The view of a camera with the given pose, `scale` samples an axis and pixel. */
export function cameraView(camera: MountedCamera, worldFromCamera: Float64Array, scale: number): View {
  const m = worldFromCamera;
  const { fx, fy, cx, cy } = camera.intrinsics;
  return {
    origin: [m[3], m[7], m[11]],
    rotation: [m[0], m[4], m[8], m[1], m[5], m[9], m[2], m[6], m[10]],
    kind: 'perspective',
    fx,
    fy,
    cx,
    cy,
    scale,
    near: 0.15,
    far: 3000,
  };
}
