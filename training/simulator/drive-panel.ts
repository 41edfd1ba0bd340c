import { CITYSCAPES_CLASSES } from '../../models/class-table.js';
import type { SimulatedFrame } from './frame.js';

/** Camera picture, depth and labels one below the other: RGB bytes [3 H, W, 3]. Near is bright, sky black. */
export function drivePanel(frame: SimulatedFrame): Uint8Array {
  const { width, height, rgb, depthMeters, labels } = frame;
  const size = width * height * 3;
  const panel = new Uint8Array(3 * size);
  panel.set(rgb, 0);
  for (let i = 0; i < width * height; i++) {
    // Brightness falls with the square root of the disparity; 4 m and nearer is full.
    const x = Math.sqrt(Math.min(1, 4 / depthMeters[i]));
    panel[size + 3 * i] = 255 * Math.min(1, 2 * x);
    panel[size + 3 * i + 1] = 255 * Math.max(0, Math.min(1, 2 * x - 0.6));
    panel[size + 3 * i + 2] = depthMeters[i] === Infinity ? 0 : 76 * (1 - x);
    const color = CITYSCAPES_CLASSES[labels[i]]?.color ?? [0, 0, 0];
    panel.set(color, 2 * size + 3 * i);
  }
  return panel;
}
