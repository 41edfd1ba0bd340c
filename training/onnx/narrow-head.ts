/** Channels up to which a convolution is written as its transpose: runtimes compute at least sixteen at once. */
const MOST_CHANNELS = 4;

/**
 * Whether a convolution is faster as a transposed one with the flipped filter, which computes the same sums. onnxruntime's
 * fills few output channels up to sixteen, and takes five times as long for one (16 channels in, 256x80 pixels, on a CPU).
 * @param channels that it gives. @param kernel size of its filter, by axis, pixels.
 */
export function isNarrowHead(channels: number, kernel: readonly number[]): boolean {
  return channels >= 1 && channels <= MOST_CHANNELS && kernel.some((extent) => extent > 1);
}
