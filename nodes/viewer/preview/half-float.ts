/** Half floats (IEEE 754 binary16): eleven bits of precision in two bytes, with infinity and NaN. */

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);
const LARGEST = 65504;
const LEAST = 2 ** -14;

/** Bits of the half float nearest to a number; what is larger than any becomes the largest, what is smaller zero. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size >= LARGEST) return sign | 0x7bff;
  if (size < LEAST) return sign;
  FLOAT[0] = size;
  // Rounded to nearest; the exponent's bias goes from 127 to 15.
  return sign | (((BITS[0] as number) + 0x1000 - 0x3800_0000) >>> 13); // one element
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
