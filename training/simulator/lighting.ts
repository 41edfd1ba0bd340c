import type { Color } from './mesh/surface.js';
import { noise2 } from './noise.js';

/** Sun, sky and haze of a scene; light in units in which an open-sky ambience is about 1. */
export interface Lighting {
  /** Unit vector towards the sun, world axes. */
  readonly sunDirection: readonly [number, number, number];
  /** Irradiance of the sun on a surface that faces it; 0 when overcast. */
  readonly sun: Color;
  /** Ambient light from above and from the ground. */
  readonly ambientUp: Color;
  readonly ambientDown: Color;
  readonly zenith: Color;
  readonly horizon: Color;
  readonly cloud: Color;
  /** 0 clear .. 1 covered. */
  readonly cloudCover: number;
  /** Size of clouds, relative. */
  readonly cloudScale: number;
  readonly haze: Color;
  /** Distance at which haze takes 63 %, metres. */
  readonly hazeDistance: number;
  /** Brightness of the glow around the sun. */
  readonly glow: number;
  readonly seed: number;
}

/** Radiance of the sky in a unit direction; written to out[0..2]. */
export function skyRadiance(light: Lighting, dx: number, dy: number, dz: number, out: Float64Array): void {
  const up = Math.max(dz, 0);
  const t = 1 - (1 - up) * (1 - up) * (1 - up);
  out[0] = light.horizon[0] + (light.zenith[0] - light.horizon[0]) * t;
  out[1] = light.horizon[1] + (light.zenith[1] - light.horizon[1]) * t;
  out[2] = light.horizon[2] + (light.zenith[2] - light.horizon[2]) * t;
  if (light.cloudCover > 0) {
    const k = light.cloudScale / (up + 0.12);
    const x = dx * k;
    const y = dy * k;
    const n =
      0.55 * noise2(x, y, light.seed) +
      0.28 * noise2(x * 2.3, y * 2.3, light.seed + 1) +
      0.17 * noise2(x * 5.1, y * 5.1, light.seed + 2);
    let share = (n - (1 - light.cloudCover) * 0.85) * 4;
    share = share < 0 ? 0 : Math.min(share, 1);
    const shade = 0.75 + 0.5 * noise2(x * 1.4 + 31, y * 1.4 + 17, light.seed + 3);
    out[0] += (light.cloud[0] * shade - out[0]) * share;
    out[1] += (light.cloud[1] * shade - out[1]) * share;
    out[2] += (light.cloud[2] * shade - out[2]) * share;
  }
  if (light.glow > 0) {
    const s = light.sunDirection;
    const c = dx * s[0] + dy * s[1] + dz * s[2];
    if (c > 0) {
      const c4 = c * c * c * c;
      const c16 = c4 * c4 * c4 * c4;
      const halo = light.glow * (0.25 * c4 + 1.2 * c16 + 5 * c16 * c16 * c16 * c16);
      out[0] += halo;
      out[1] += halo * 0.95;
      out[2] += halo * 0.85;
    }
  }
}
