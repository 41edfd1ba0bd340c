import { DYNAMIC_CLASSES } from '../../losses/dynamic-masks.js';
import type { ScoredTriplet } from './photometric-score.js';

/** Neighbours' own colours explain a pixel this well: nothing there tells near from far. */
const FLAT = 0.02;
/** Borders of labels are not exact, pixels. */
const MARGIN = 2;

/** 1 on pixels of dynamic classes. */
export function dynamicMap(labels: Uint8Array): Uint8Array {
  return labels.map((label) => (DYNAMIC_CLASSES.includes(label) ? 1 : 0));
}

/** 1 where every pixel within MARGIN is 1. */
export function eroded(map: Uint8Array, width: number, height: number): Uint8Array {
  const outside = map.map((flag) => 1 - flag);
  return dilated(outside, width, height).map((flag) => 1 - flag);
}

/** 1 within MARGIN pixels (chessboard distance) of a 1. */
export function dilated(map: Uint8Array, width: number, height: number): Uint8Array {
  const along = (
    from: Uint8Array,
    length: number,
    stride: number,
    lines: number,
    pitch: number,
  ): Uint8Array => {
    const to = new Uint8Array(from.length);
    for (let line = 0; line < lines; line++) {
      for (let i = 0; i < length; i++) {
        if (from[line * pitch + i * stride] === 0) continue;
        for (let k = Math.max(0, i - MARGIN); k <= Math.min(length - 1, i + MARGIN); k++) {
          to[line * pitch + k * stride] = 1;
        }
      }
    }
    return to;
  };
  return along(along(map, width, 1, height, width), height, width, width, 1);
}

/**
 * 1 where a comparison counts. Such a pixel has no dynamic class in the target, and none where a neighbour shows it. It is
 * inside at least one neighbour, and not explained by the neighbours as they are.
 * @param dynamic maps of target, previous and next, [H, W] each.
 */
export function fixedPixels(
  { still, coordinates }: ScoredTriplet,
  [target, previous, next]: readonly Uint8Array[],
  width: number,
  height: number,
): Uint8Array {
  const fixed = new Uint8Array(width * height);
  for (let i = 0; i < fixed.length; i++) {
    if (target[i] === 1 || !(still[i] > FLAT)) continue;
    let inside = 0;
    let moving = 0;
    for (const [at, source] of [
      [coordinates.previous, previous],
      [coordinates.next, next],
    ] as const) {
      const u = Math.round(at[2 * i]);
      const v = Math.round(at[2 * i + 1]);
      if (!(u >= 0 && v >= 0 && u < width && v < height)) continue;
      inside++;
      moving += source[v * width + u];
    }
    if (inside > 0 && moving === 0) fixed[i] = 1;
  }
  return fixed;
}
