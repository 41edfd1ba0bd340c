/** Hashes and value noise on integer lattices, in [0, 1); deterministic (32-bit integer arithmetic). */

function mix(h: number): number {
  let k = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  k = Math.imul(k ^ (k >>> 12), 0x297a2d39);
  return (k ^ (k >>> 15)) >>> 0;
}

const UNIT = 1 / 4294967296;

/** Hash of a lattice point (integers), in [0, 1). */
export function hash2(x: number, y: number, seed: number): number {
  return mix(Math.imul(x, 0x1b873593) ^ Math.imul(y, 0x68e31da4) ^ seed) * UNIT;
}

/** Smooth value noise, in [0, 1), one feature a unit. */
export function noise2(x: number, y: number, seed: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  let fx = x - ix;
  let fy = y - iy;
  fx = fx * fx * (3 - 2 * fx);
  fy = fy * fy * (3 - 2 * fy);
  const hx0 = Math.imul(ix, 0x1b873593);
  const hx1 = Math.imul(ix + 1, 0x1b873593);
  const hy0 = Math.imul(iy, 0x68e31da4) ^ seed;
  const hy1 = Math.imul(iy + 1, 0x68e31da4) ^ seed;
  const a = mix(hx0 ^ hy0);
  const b = mix(hx1 ^ hy0);
  const c = mix(hx0 ^ hy1);
  const d = mix(hx1 ^ hy1);
  const top = a + (b - a) * fx;
  const bottom = c + (d - c) * fx;
  return (top + (bottom - top) * fy) * UNIT;
}

const lattice = new Float64Array(3);

/** A point (x, y, z) for `noise3At` and `fadedNoise3`; the same array at each call, which the next call overwrites. */
export function latticePoint(x: number, y: number, z: number): Float64Array {
  lattice[0] = x;
  lattice[1] = y;
  lattice[2] = z;
  return lattice;
}

/** Smooth value noise, in [0, 1), one feature a unit. */
export function noise3(x: number, y: number, z: number, seed: number): number {
  return noise3At(latticePoint(x, y, z), 1, seed);
}

/** The same at `frequency` times a point (x, y, z): numbers in an array need no allocation where a call is not inlined. */
export function noise3At(point: Float64Array, frequency: number, seed: number): number {
  const x = point[0] * frequency;
  const y = point[1] * frequency;
  const z = point[2] * frequency;
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const iz = Math.floor(z);
  let fx = x - ix;
  let fy = y - iy;
  let fz = z - iz;
  fx = fx * fx * (3 - 2 * fx);
  fy = fy * fy * (3 - 2 * fy);
  fz = fz * fz * (3 - 2 * fz);
  const x0 = Math.imul(ix, 0x1b873593);
  const x1 = Math.imul(ix + 1, 0x1b873593);
  const y0 = Math.imul(iy, 0x68e31da4);
  const y1 = Math.imul(iy + 1, 0x68e31da4);
  const z0 = Math.imul(iz, 0x5f356495) ^ seed;
  const z1 = Math.imul(iz + 1, 0x5f356495) ^ seed;
  const a = mix(x0 ^ y0 ^ z0);
  const b = mix(x1 ^ y0 ^ z0);
  const c = mix(x0 ^ y1 ^ z0);
  const d = mix(x1 ^ y1 ^ z0);
  const e = mix(x0 ^ y0 ^ z1);
  const f = mix(x1 ^ y0 ^ z1);
  const g = mix(x0 ^ y1 ^ z1);
  const h = mix(x1 ^ y1 ^ z1);
  const near = a + (b - a) * fx + (c + (d - c) * fx - (a + (b - a) * fx)) * fy;
  const far = e + (f - e) * fx + (g + (h - g) * fx - (e + (f - e) * fx)) * fy;
  return (near + (far - near) * fz) * UNIT;
}

/** Value noise that fades to its mean 0.5 where its cells shrink below about two pixels of `footprint` (same unit as x, y). */
export function fadedNoise2(
  x: number,
  y: number,
  frequency: number,
  footprint: number,
  seed: number,
): number {
  const weight = 1.5 - 2.5 * footprint * frequency;
  if (weight <= 0) return 0.5;
  const n = noise2(x * frequency, y * frequency, seed);
  return weight >= 1 ? n : 0.5 + (n - 0.5) * weight;
}

/** The same in three dimensions. */
export function fadedNoise3(point: Float64Array, frequency: number, footprint: number, seed: number): number {
  const weight = 1.5 - 2.5 * footprint * frequency;
  if (weight <= 0) return 0.5;
  const n = noise3At(point, frequency, seed);
  return weight >= 1 ? n : 0.5 + (n - 0.5) * weight;
}
