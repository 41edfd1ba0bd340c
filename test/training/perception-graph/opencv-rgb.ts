const clip = (value: number): number => Math.max(0, Math.min(255, value));

/** One pixel in OpenCV's 20-bit integers (modules/imgproc/src/color_yuv.simd.hpp: ITUR_BT_601_*). */
export function opencvRgb(y: number, u: number, v: number): number[] {
  const luma = Math.max(0, y - 16) * 1220542;
  const half = 1 << 19;
  return [
    clip((luma + half + 1673527 * (v - 128)) >> 20),
    clip((luma + half - 852492 * (v - 128) - 409993 * (u - 128)) >> 20),
    clip((luma + half + 2116026 * (u - 128)) >> 20),
  ];
}
