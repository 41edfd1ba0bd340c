import type { Intrinsics } from '../../msgs/camera/intrinsics.js';

/** A map of so many channels a pixel, each row from right to left. */
export function mirrored<T extends Uint8Array | Float32Array>(values: T, width: number, channels = 1): T {
  const result = values.slice() as T; // of the same kind
  const row = width * channels;
  for (let start = 0; start < values.length; start += row) {
    for (let x = 0; x < width; x++) {
      const from = start + (width - 1 - x) * channels;
      for (let c = 0; c < channels; c++) result[start + x * channels + c] = values[from + c];
    }
  }
  return result;
}

/** The camera that would have seen the mirrored picture. */
export function mirroredCamera(intrinsics: Intrinsics, width: number): Intrinsics {
  return { ...intrinsics, cx: width - 1 - intrinsics.cx };
}
