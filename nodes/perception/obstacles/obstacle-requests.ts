import type { CameraModel } from '../../../msgs/camera/camera-model.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { GroundPlane } from '../../../vision/ground-plane.js';
import { RayCache } from '../engine/ray-cache.js';
import type { ObstacleBand, ObstacleRequest } from './obstacle-request.js';

/** Where obstacles are sought, and how the camera is mounted. */
export interface ObstacleRequestsOptions {
  /** Returns the bounds of obstacles, or undefined while nobody wants them. It is called for every frame. */
  readonly band: () => ObstacleBand | undefined;
  /** Pose of a camera in a frame whose z = 0 is the ground; undefined if unknown. */
  readonly mount: (cameraFrame: string) => RigidTransform | undefined;
}

/** Rays along a side of the picture that tell how far it sees. */
const RAYS = 64;

/** What is asked of the frames of a camera. */
export class ObstacleRequests {
  readonly #options: ObstacleRequestsOptions;
  readonly #rays = new RayCache();
  readonly #sectors = new WeakMap<Float32Array, ObstacleRequest['sector']>();

  constructor(options: ObstacleRequestsOptions) {
    this.#options = options;
  }

  /** The request for a frame; undefined while nobody wants obstacles. */
  of(
    model: CameraModel,
    { height, width }: { readonly height: number; readonly width: number },
    cameraFrame: string,
  ): ObstacleRequest | undefined {
    const band = this.#options.band();
    if (band === undefined) return undefined;
    const mount = this.#options.mount(cameraFrame);
    const mounted = mount && groundUnder(mount);
    const rays = this.#rays.get(
      model,
      height,
      width,
      Math.max(1, Math.floor(Math.min(width, height) / RAYS)),
    );
    let sector = this.#sectors.get(rays);
    if (sector === undefined) {
      sector = sectorOf(rays);
      this.#sectors.set(rays, sector);
    }
    return { ...band, sector, ...(mounted && { mounted }) };
  }
}

/** z = 0 of a frame as the camera sees it; undefined where that does not lie below the camera. */
function groundUnder(mount: RigidTransform): GroundPlane | undefined {
  const { 8: x = 0, 9: y = 0, 10: z = 0, 11: height = 0 } = mount;
  // Height of a point: x px + y py + z pz + height.
  const plane = { a: height / -y, b: x / -y, c: z / -y };
  return y < 0 && plane.a > 0 ? plane : undefined;
}

/** @param rays [..., 2] x and y at z = 1. */
function sectorOf(rays: Float32Array): ObstacleRequest['sector'] {
  let [least, most] = [0, 0];
  for (let i = 0; i < rays.length; i += 2) {
    const angle = Math.atan(-(rays[i] as number)); // NaN where the lens shows no ray
    if (angle < least) least = angle;
    if (angle > most) most = angle;
  }
  return { least, most };
}
