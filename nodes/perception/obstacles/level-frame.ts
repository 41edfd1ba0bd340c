import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { GroundPlane } from '../../../vision/ground-plane.js';
import { tfFrame } from '../usable-transforms.js';

/** The level frame of a camera: at the camera, x ahead along the ground, y left, z up from the ground (REP 103). */
export function levelFrameName(cameraFrame: string): string {
  return `${tfFrame(cameraFrame)}_level`;
}

/** Where that frame is in the camera's optical frame. */
export function opticalFromLevel({ b, c }: GroundPlane): RigidTransform {
  const length = Math.sqrt(1 + b * b + c * c);
  const [ux, uy, uz] = [b / length, -1 / length, c / length]; // up
  // The optical axis without its part along up.
  const size = Math.sqrt(1 - uz * uz);
  const [fx, fy, fz] = [(-uz * ux) / size, (-uz * uy) / size, (1 - uz * uz) / size];
  const [lx, ly, lz] = [uy * fz - uz * fy, uz * fx - ux * fz, ux * fy - uy * fx];
  return Float64Array.of(...[fx, lx, ux, 0], ...[fy, ly, uy, 0], ...[fz, lz, uz, 0], ...[0, 0, 0, 1]);
}
