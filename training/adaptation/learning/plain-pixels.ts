/** Grey values, 0..255: less difference than this between neighbours is noise. */
const LEAST_DIFFERENCE = 2.5;
/** Pixels around, in which nothing may stand out. */
const RADIUS = 1;

/**
 * Where a picture is even: any depth gives such pixels the same photometric error, so that it tells nothing of depth.
 * @param rgb [H, W, 3]. @returns 1 on even pixels, else 0, [H, W].
 */
export function plainPixels(rgb: Uint8Array, width: number, height: number): Uint8Array {
  const grey = Float32Array.from(
    { length: width * height },
    (_, i) => (rgb[3 * i] + rgb[3 * i + 1] + rgb[3 * i + 2]) / 3,
  );
  const stands = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const across = x + 1 < width && Math.abs(grey[i + 1] - grey[i]) >= LEAST_DIFFERENCE;
      const down = y + 1 < height && Math.abs(grey[i + width] - grey[i]) >= LEAST_DIFFERENCE;
      if (across || down) stands[i] = 1;
    }
  }
  const even = new Uint8Array(width * height).fill(1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (stands[y * width + x] === 0) continue;
      for (let v = Math.max(0, y - RADIUS); v <= Math.min(height - 1, y + RADIUS); v++)
        even.fill(0, v * width + Math.max(0, x - RADIUS), v * width + Math.min(width - 1, x + RADIUS) + 1);
    }
  }
  return even;
}
