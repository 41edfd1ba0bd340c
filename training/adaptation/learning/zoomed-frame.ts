import { cropIntrinsics, type Intrinsics, scaleIntrinsics } from '../../../msgs/camera/intrinsics.js';
import type { Window } from '../../datasets/batches/augmentation.js';
import type { Sample } from '../../datasets/stores/sample.js';

type Frame = Pick<Sample, 'width' | 'height' | 'rgb' | 'depthMeters' | 'labels'>;

/**
 * What a camera of a longer focal length, which sees `window` alone, would have taken from the same place.
 * Colours are resampled bilinearly. Depth and labels are the nearest pixel's, because a mean of two surfaces is none.
 * @param window that is not flipped. @returns a frame of the same size.
 */
export function zoomedFrame<T extends Frame>(frame: T, { left, top, step }: Window): T {
  const { width, height, rgb, depthMeters, labels } = frame;
  const zoomed = {
    rgb: new Uint8Array(rgb.length),
    depthMeters: new Float32Array(depthMeters.length),
    labels: new Uint8Array(labels.length),
  };
  for (let y = 0; y < height; y++) {
    const sy = place(y, top, step, height);
    const y0 = Math.floor(sy);
    const [row0, row1] = [y0 * width, Math.min(y0 + 1, height - 1) * width];
    for (let x = 0; x < width; x++) {
      const sx = place(x, left, step, width);
      const x0 = Math.floor(sx);
      const x1 = Math.min(x0 + 1, width - 1);
      const [fx, fy] = [sx - x0, sy - y0];
      const i = y * width + x;
      for (let c = 0; c < 3; c++) {
        const above = rgb[3 * (row0 + x0) + c] * (1 - fx) + rgb[3 * (row0 + x1) + c] * fx;
        const below = rgb[3 * (row1 + x0) + c] * (1 - fx) + rgb[3 * (row1 + x1) + c] * fx;
        zoomed.rgb[3 * i + c] = Math.round(above * (1 - fy) + below * fy);
      }
      const nearest = Math.round(sy) * width + Math.round(sx);
      zoomed.depthMeters[i] = depthMeters[nearest];
      zoomed.labels[i] = labels[nearest];
    }
  }
  return { ...frame, ...zoomed };
}

/** Intrinsics of what `zoomedFrame` gives. */
export function zoomedIntrinsics(intrinsics: Intrinsics, { left, top, step }: Window): Intrinsics {
  return scaleIntrinsics(cropIntrinsics(intrinsics, left, top), 1 / step, 1 / step);
}

/** Pixel of the frame that a pixel of the window shows, inside of the frame. */
function place(index: number, first: number, step: number, size: number): number {
  return Math.max(0, Math.min(first + (index + 0.5) * step - 0.5, size - 1));
}
