/**
 * Where an object stands: object axes x forward, y left, z up; world axes the same kind (ROS), metres. world = (x + c lx - s
 * ly, y + s lx + c ly, z + lz + slope lx). A turn about the vertical and a shear along the slope.
 */
export interface ObjectFrame {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Cosine and sine of the heading. */
  readonly c: number;
  readonly s: number;
  /** Rise of the ground per metre forward. */
  readonly slope: number;
}

export const WORLD_FRAME: ObjectFrame = { x: 0, y: 0, z: 0, c: 1, s: 0, slope: 0 };

/** A frame at an offset in the object axes of `parent`, turned by the angle with cosine `c` and sine `s`. */
export function childFrame(
  parent: ObjectFrame,
  {
    lx,
    ly,
    lz,
    c = 1,
    s = 0,
  }: {
    readonly lx: number;
    readonly ly: number;
    readonly lz: number;
    readonly c?: number;
    readonly s?: number;
  },
): ObjectFrame {
  return {
    x: parent.x + parent.c * lx - parent.s * ly,
    y: parent.y + parent.s * lx + parent.c * ly,
    z: parent.z + lz + parent.slope * lx,
    c: parent.c * c - parent.s * s,
    s: parent.s * c + parent.c * s,
    slope: parent.slope * c,
  };
}
