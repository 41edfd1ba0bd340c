/** Bits that cameras have. */
const USUAL_BITS = [8, 10, 12, 14] as const;
/** Numbers looked at: enough of any picture to meet its bright parts. */
const MOST_LOOKED_AT = 100_000;

/** Rows of `step` bytes whose first part holds numbers of two bytes. */
interface WideImage {
  readonly bytes: Uint8Array;
  readonly step: number;
  readonly height: number;
  readonly is_bigendian: number;
}

/**
 * The least usual number of bits that holds what a 16-bit image shows; undefined where it uses the whole range, or shows
 * nothing at all. Padding of rows is looked at too: nobody fills it with large numbers.
 */
export function bitsInUse({ bytes, step, height, is_bigendian }: WideImage): number | undefined {
  const count = Math.floor((step * height) / 2);
  // An odd stride visits all columns and both fields of a mosaic.
  const stride = (Math.floor(count / MOST_LOOKED_AT) | 1) * 2;
  const high = is_bigendian === 0 ? 1 : 0;
  let largestHigh = 0;
  let largestLow = 0;
  for (let at = 0; at + 1 < bytes.length; at += stride) {
    const value = bytes[at + high] as number; // within the array by the bound above
    if (value > largestHigh) largestHigh = value;
    const low = bytes[at + 1 - high] as number;
    if (low > largestLow) largestLow = low;
  }
  if (largestHigh === 0 && largestLow === 0) return undefined;
  return USUAL_BITS.find((bits) => largestHigh < 2 ** (bits - 8));
}
