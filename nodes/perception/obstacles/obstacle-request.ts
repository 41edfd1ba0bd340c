import type { GroundPlane } from '../../../vision/ground-plane.js';

/** The bounds of obstacles, in metres. */
export interface ObstacleBand {
  /** Least height over the ground, metres. */
  readonly lowest: number;
  /** Largest height over the ground, metres. */
  readonly highest: number;
  /** Largest distance from the camera along the ground, metres. */
  readonly range: number;
}

/** What the motion worker has to know to find the obstacles of a frame. */
export interface ObstacleRequest extends ObstacleBand {
  /** Angles that the camera sees, radians to the left of its axis. */
  readonly sector: { readonly least: number; readonly most: number };
  /** The ground by the camera's mount. It replaces the seen ground in frames that show none. */
  readonly mounted?: GroundPlane;
}
