import type { GroundPlane } from '../../../vision/ground-plane.js';

/** Which points are obstacles, metres. */
export interface ObstacleBand {
  /** Heights over the ground. */
  readonly lowest: number;
  readonly highest: number;
  /** Distance from the camera along the ground. */
  readonly range: number;
}

/** What the motion worker has to know to find the obstacles of a frame. */
export interface ObstacleRequest extends ObstacleBand {
  /** Angles that the camera sees, radians to the left of its axis. */
  readonly sector: { readonly least: number; readonly most: number };
  /** The ground as the camera is mounted over it: stands in where none is seen. */
  readonly mounted?: GroundPlane;
}
