import { DYNAMIC_CLASSES } from '../../losses/dynamic-masks.js';
import type { BareRoad } from './bare-road.js';

/** What a model sees on bare road: connected pieces, as shares of the picture. */
export interface Phantoms {
  /** Largest piece that has a dynamic class; 0 without any, and for models without classes. */
  readonly largestDynamic: number;
  /** Largest piece that is nearer than half of its true depth. */
  readonly largestNear: number;
  /** Share of the bare road's pixels that have a dynamic class. */
  readonly dynamicShare: number;
}

const DYNAMIC: ReadonlySet<number> = new Set(DYNAMIC_CLASSES);
/** A piece of road this much nearer than it is would stop a vehicle. */
const NEAR_RATIO = 0.5;

/**
 * Looks for things that are not there.
 * @param depthMeters [H, W] as the model gives it, in metres: not scaled by the truth.
 * @param labels [H, W], trainIds.
 */
export function findPhantoms(
  road: BareRoad,
  width: number,
  depthMeters: Float32Array,
  labels: Uint8Array | undefined,
): Phantoms {
  const pixels = road.depthMeters.length;
  const dynamic = new Uint8Array(pixels);
  const near = new Uint8Array(pixels);
  let dynamicPixels = 0;
  for (let i = 0; i < pixels; i++) {
    const truth = road.depthMeters[i];
    if (!(truth > 0)) continue;
    if (depthMeters[i] < NEAR_RATIO * truth) near[i] = 1;
    if (labels !== undefined && DYNAMIC.has(labels[i])) {
      dynamic[i] = 1;
      dynamicPixels++;
    }
  }
  return {
    largestDynamic: largestPiece(dynamic, width) / pixels,
    largestNear: largestPiece(near, width) / pixels,
    dynamicShare: road.pixels === 0 ? 0 : dynamicPixels / road.pixels,
  };
}

/** Pixels of the largest 4-connected piece of a mask; the mask is used up. */
export function largestPiece(mask: Uint8Array, width: number): number {
  const queue: number[] = [];
  let largest = 0;
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] !== 1) continue;
    mask[start] = 0;
    queue.push(start);
    let size = 0;
    for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
      size++;
      const column = i % width;
      const neighbours = [column > 0 ? i - 1 : -1, column < width - 1 ? i + 1 : -1, i - width, i + width];
      for (const j of neighbours) {
        if (j < 0 || j >= mask.length || mask[j] !== 1) continue;
        mask[j] = 0;
        queue.push(j);
      }
    }
    largest = Math.max(largest, size);
  }
  return largest;
}
