/**
 * How a component's picture in an earlier view differs in place from where it were if it stood still. Positions p become
 * middle + e^growth (p - middle) + (du, dv).
 */
export interface ResidualMotion {
  /** Shift of its middle, pixels. */
  readonly du: number;
  readonly dv: number;
  /** Natural logarithm of its size relative to that of a standing one. */
  readonly growth: number;
}

export const NO_RESIDUAL: ResidualMotion = { du: 0, dv: 0, growth: 0 };

/** `factor` times as much. */
export function scaledMotion({ du, dv, growth }: ResidualMotion, factor: number): ResidualMotion {
  return { du: factor * du, dv: factor * dv, growth: factor * growth };
}

/** Length of the difference of two motions, pixels, for a component of this radius. */
export function motionDistance(a: ResidualMotion, b: ResidualMotion, radius: number): number {
  return Math.hypot(a.du - b.du, a.dv - b.dv, (a.growth - b.growth) * radius);
}
