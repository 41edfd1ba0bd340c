/** A pinhole camera: u = fx * X / Z + cx, v = fy * Y / Z + cy; all in pixels, pixel centres at integers. */
export interface Intrinsics {
  /** Horizontal focal length, pixels, above 0. */
  readonly fx: number;
  /** Vertical focal length, pixels, above 0. */
  readonly fy: number;
  /** Column of the principal point, pixels; 0 is the centre of the leftmost pixel. */
  readonly cx: number;
  /** Row of the principal point, pixels; 0 is the centre of the uppermost pixel. */
  readonly cy: number;
}

/**
 * Intrinsics of the image after a resize by `sx` = new width / old width and `sy`.
 *
 * Pixel centres are at integers, so the left edge of the image is at -0.5 in both: cx' = (cx + 0.5) * sx - 0.5.
 */
export function scaleIntrinsics({ fx, fy, cx, cy }: Intrinsics, sx: number, sy: number): Intrinsics {
  return { fx: fx * sx, fy: fy * sy, cx: (cx + 0.5) * sx - 0.5, cy: (cy + 0.5) * sy - 0.5 };
}

/** Intrinsics of a window of the image whose top left pixel is (`x`, `y`). */
export function cropIntrinsics({ fx, fy, cx, cy }: Intrinsics, x: number, y: number): Intrinsics {
  return { fx, fy, cx: cx - x, cy: cy - y };
}
