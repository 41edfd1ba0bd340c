/** geometry_msgs/Vector3, and Point. */
export interface Vector3 {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}
