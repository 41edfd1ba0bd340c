/** What a rasteriser pass leaves: for every sample the nearest triangle and how near it is. */
export interface VisibilityBuffer {
  readonly width: number;
  readonly height: number;
  /** Perspective: 1 / z (1/m), 0 = nothing. Orthographic: `far` - depth along the light (m), 0 = nothing. */
  readonly nearness: Float32Array;
  /** Index of the triangle, -1 = nothing. */
  readonly triangles: Int32Array;
}

/** A buffer in which nothing is seen yet: nearness 0, triangle -1. */
export function createVisibilityBuffer(width: number, height: number): VisibilityBuffer {
  return {
    width,
    height,
    nearness: new Float32Array(width * height),
    triangles: new Int32Array(width * height).fill(-1),
  };
}

/** World to view: view = rotation (world - origin), rows right, down, forward. */
export interface View {
  readonly origin: readonly [number, number, number];
  /** 3x3 row major. */
  readonly rotation: readonly number[];
  readonly kind: 'perspective' | 'orthographic';
  /** Perspective: pixels; orthographic: pixels a metre. */
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  /** Samples an axis and pixel: sample column i lies at pixel u = i / scale. */
  readonly scale: number;
  /** Perspective: near plane (m). Orthographic: depth range (m). */
  readonly near: number;
  readonly far: number;
}
