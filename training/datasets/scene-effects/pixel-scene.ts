import { ROAD, SIDEWALK, SKY, TERRAIN } from '../../../models/class-table.js';
import type { Window } from '../batches/augmentation.js';
import type { Sample } from '../stores/sample.js';

/** What every pixel of a training image shows, from the sample's truth. */
export interface PixelScene {
  readonly width: number;
  readonly height: number;
  /** Camera axes (x right, y down, z ahead), metres; z is Infinity for the sky and NaN where nothing is known. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
  readonly labels: Uint8Array;
  /** Height of the camera over the road near it, metres. */
  readonly cameraHeightMeters: number;
  /** Image row of the horizon of a level camera. */
  readonly horizonRow: number;
  /** The sample's pixel that image pixel i shows. */
  readonly source: Uint32Array;
}

/** Truth at the pixels of a `width` x `height` image taken from `window` of the sample. */
export function pixelScene(
  sample: Sample,
  { left, top, step, flipped }: Window,
  width: number,
  height: number,
): PixelScene {
  const pixels = width * height;
  const scene = {
    width,
    height,
    x: new Float32Array(pixels),
    y: new Float32Array(pixels),
    z: new Float32Array(pixels),
    labels: new Uint8Array(pixels),
    source: new Uint32Array(pixels),
    horizonRow: (sample.intrinsics.cy - top + 0.5) / step - 0.5,
  };
  const { fx, fy, cx, cy } = sample.intrinsics;
  const { depthMeters, labels, width: w, height: h } = sample;
  for (let row = 0, i = 0; row < height; row++) {
    const sy = Math.min(h - 1, Math.max(0, Math.round(top + (row + 0.5) * step - 0.5)));
    const ry = (sy - cy) / fy;
    for (let column = 0; column < width; column++, i++) {
      const at = left + ((flipped ? width - 1 - column : column) + 0.5) * step - 0.5;
      const sx = Math.min(w - 1, Math.max(0, Math.round(at)));
      const from = sy * w + sx;
      const z = depthMeters[from];
      scene.source[i] = from;
      scene.labels[i] = labels[from];
      scene.z[i] = z;
      scene.x[i] = ((sx - cx) / fx) * z;
      scene.y[i] = ry * z;
    }
  }
  return { ...scene, cameraHeightMeters: cameraHeight(scene) };
}

/** Whether a trainId is ground that one may stand on: road, pavement, terrain. */
export function isGround(label: number): boolean {
  return label === ROAD || label === SIDEWALK || label === TERRAIN;
}

/** Whether a pixel is sky by its trainId or by its infinite depth. */
export function isSky(label: number, z: number): boolean {
  return label === SKY || z === Number.POSITIVE_INFINITY;
}

const USUAL_HEIGHT_METERS = 1.6;

/** Median of how far the near road lies below the camera; a usual height where no road is seen. */
function cameraHeight({ y, z, labels }: Pick<PixelScene, 'y' | 'z' | 'labels'>): number {
  const heights: number[] = [];
  for (let i = 0; i < z.length; i += 3) if (labels[i] === ROAD && z[i] < 15 && y[i] > 0) heights.push(y[i]);
  if (heights.length < 20) return USUAL_HEIGHT_METERS;
  heights.sort((a, b) => a - b);
  return heights[heights.length >> 1] ?? USUAL_HEIGHT_METERS;
}
