import type { Domain } from '../domains.js';
import { cos, sin } from '../exact-math.js';
import type { Lighting } from '../lighting.js';
import type { Color } from '../mesh/surface.js';
import type { Random } from '../random.js';

const DEGREE = Math.PI / 180;

function times(color: Color, factor: number): Color {
  return [color[0] * factor, color[1] * factor, color[2] * factor];
}

/** Draws the time of day and the weather. `heading` is the road's at the camera: the sun favours no side of it. */
export function drawLighting(random: Random, domain: Domain, heading: number): Lighting {
  const elevation = random.uniform(...domain.sunElevationDegrees) * DEGREE;
  const azimuth = heading + random.uniform(0, 2 * Math.PI);
  const overcast = random.chance(domain.overcastChance);
  const low = Math.max(0, 1 - elevation / (35 * DEGREE));
  const warm: Color = [1, 0.95 - 0.16 * low, 0.86 - 0.36 * low];
  const sunPower = overcast ? 0 : random.logUniform(1.8, 7);
  const blue: Color = [0.55, 0.75, 1.1];
  const grey: Color = [0.92, 0.96, 1.02];
  const ambient: Color = overcast ? grey : [random.uniform(0.55, 0.9), random.uniform(0.68, 0.92), 1];
  const level = overcast ? random.uniform(0.9, 1.4) : random.uniform(0.3, 0.9);
  const brightness = random.logUniform(0.8, 4);
  const pale = random.uniform(0, 0.8);
  const zenith: Color = overcast
    ? times(grey, brightness * 0.9)
    : [
        (blue[0] * (1 - pale) + pale) * 0.55 * brightness,
        (blue[1] * (1 - pale) + pale) * 0.6 * brightness,
        (blue[2] * (1 - pale) + pale) * 0.75 * brightness,
      ];
  const horizon: Color = overcast
    ? times(grey, brightness)
    : times([0.95 - 0.2 * (1 - pale), 0.98 - 0.08 * (1 - pale), 1.02], brightness * random.uniform(0.8, 1.2));
  return {
    sunDirection: [cos(elevation) * cos(azimuth), cos(elevation) * sin(azimuth), sin(elevation)],
    sun: times(warm, sunPower),
    ambientUp: times(ambient, level),
    ambientDown: times([0.75, 0.72, 0.68], level * random.uniform(0.2, 0.5)),
    zenith,
    horizon,
    cloud: times([1, 1, 1.02], brightness * random.uniform(0.9, 1.5)),
    cloudCover: overcast ? random.uniform(0.3, 1) : random.chance(0.45) ? random.uniform(0.1, 0.65) : 0,
    cloudScale: random.uniform(0.5, 2),
    haze: times(horizon, random.uniform(0.55, 0.9)),
    hazeDistance: random.logUniform(...domain.hazeDistance),
    glow: overcast ? 0 : random.uniform(0.2, 1.6) * brightness,
    seed: random.uint32() | 0,
  };
}
