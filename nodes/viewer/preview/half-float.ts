/** Half floats (IEEE 754 binary16): eleven bits of precision in two bytes, with infinity and NaN. */

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);
/** Bits of floats: infinity, the largest half float (65504), and the least normal one (2^-14). */
const INFINITE = 0x7f80_0000;
const LARGEST = 0x477f_e000;
const LEAST = 0x3880_0000;

/**
 * Bits of the half float nearest to a float that is given by its own 32 bits. What is larger than any becomes the largest,
 * what is smaller zero.
 */
export function halfOfFloatBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fff_ffff;
  if (size < LEAST) return sign;
  // Rounded to nearest; the exponent's bias goes from 127 to 15.
  if (size < LARGEST) return sign | ((size + 0x1000 - 0x3800_0000) >>> 13);
  if (size < INFINITE) return sign | 0x7bff;
  return size === INFINITE ? sign | 0x7c00 : 0x7e00;
}

/** Bits of the half float nearest to a number, as `halfOfFloatBits` has it. */
export function toHalf(value: number): number {
  FLOAT[0] = value;
  return halfOfFloatBits(BITS[0] as number); // one element
}

/** The number of every pattern of 16 bits. */
export function halfTable(): Float32Array {
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >>> 10) & 31;
    const fraction = bits & 1023;
    const sign = bits >>> 15 ? -1 : 1;
    table[bits] =
      exponent === 31
        ? fraction === 0
          ? sign * Number.POSITIVE_INFINITY
          : Number.NaN
        : sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
  }
  return table;
}
