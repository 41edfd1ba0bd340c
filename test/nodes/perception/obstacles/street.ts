import { encodeColorCloud } from '../../../../msgs/point-cloud.js';
import { type PointCloud2, pointCloud2Codec } from '../../../../msgs/point-cloud2.js';

/** An upright box: its front is `ahead` of the camera, its middle `right` of it; metres. */
export interface Box {
  readonly ahead: number;
  readonly right: number;
  readonly width: number;
  readonly bottom: number;
  readonly top: number;
  readonly label: number;
}

export const STREET = { width: 320, height: 128, focal: 160, up: 1.5, stride: 2 };
export const LABELS = { road: 0, building: 2, car: 13 };
const { width, height, focal, up, stride } = STREET;

/** The points of a camera `up` over a flat road that looks down by `pitch` radians, of boxes on it, and of no sky. */
export function street(boxes: readonly Box[], pitch = 0): PointCloud2 {
  const labels = new Uint8Array(width * height).fill(LABELS.road);
  const columns = Math.ceil(width / stride);
  const points = new Float32Array(3 * columns * Math.ceil(height / stride)).fill(Number.NaN);
  const [cos, sin] = [Math.cos(pitch), Math.sin(pitch)];
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      // The ray in level axes: right, down, ahead.
      const [x, y] = [(u - (width - 1) / 2) / focal, (v - (height - 1) / 2) / focal];
      const [down, ahead] = [y * cos + sin, cos - y * sin];
      let length = down > 0 ? up / down : Number.POSITIVE_INFINITY;
      let label = LABELS.road;
      for (const box of boxes) {
        const reach = box.ahead / ahead;
        const level = up - reach * down;
        if (reach > length || level < box.bottom || level > box.top) continue;
        if (Math.abs(reach * x - box.right) > box.width / 2) continue;
        [length, label] = [reach, box.label];
      }
      labels[v * width + u] = label;
      if (length > 60 || v % stride !== 0 || u % stride !== 0) continue;
      const at = 3 * ((v / stride) * columns + u / stride);
      points.set([length * x, length * y, length], at);
    }
  }
  const image = {
    ...{ data: new Uint8Array(3 * width * height), height, width, step: 3 * width, bytesPerPixel: 3 },
    channelOrder: [0, 1, 2] as const,
  };
  const header = { stamp: { sec: 1, nanosec: 0 }, frame_id: 'camera' };
  return pointCloud2Codec.decode(encodeColorCloud(header, { points, labels, stride, image }));
}

/** The road under that camera, by its definition: down = up in level axes. */
export function roadUnder(pitch = 0): { a: number; b: number; c: number } {
  return { a: up / Math.cos(pitch), b: 0, c: -Math.tan(pitch) };
}

export const NOTHING_MOVES = new Uint8Array(width * height);
