/** A plane y = a + b x + c z in the camera's optical frame, whose y points down. */
export interface GroundPlane {
  /** Height of the camera over the plane along y, in the plane's unit of length. */
  readonly a: number;
  /** Slope to the right. */
  readonly b: number;
  /** Slope ahead. */
  readonly c: number;
}

/** Height of the camera over a plane, in the plane's unit of length. */
export function heightOver({ a, b, c }: GroundPlane): number {
  return a / Math.sqrt(1 + b * b + c * c);
}
