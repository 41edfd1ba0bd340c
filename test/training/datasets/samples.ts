import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NO_AUGMENTATION } from '../../../training/datasets/batches/augmentation.js';
import type { BatchOptions } from '../../../training/datasets/batches/batch.js';
import type { Sample } from '../../../training/datasets/stores/sample.js';
import type { StoreDescription } from '../../../training/datasets/stores/sample-store.js';

/** A sample whose values are given by functions of the pixel. */
export function sampleOf(
  width: number,
  height: number,
  at: {
    rgb?: (x: number, y: number) => readonly [number, number, number];
    depth?: (x: number, y: number) => number;
    label?: (x: number, y: number) => number;
    focal?: number;
  } = {},
): Sample {
  const pixels = Array.from(
    { length: width * height },
    (_, i) => [i % width, Math.floor(i / width)] as const,
  );
  const focal = at.focal ?? 50;
  return {
    width,
    height,
    rgb: Uint8Array.from(pixels.flatMap(([x, y]) => [...(at.rgb?.(x, y) ?? [x, y, (x * 7 + y * 13) % 256])])),
    depthMeters: Float32Array.from(pixels, ([x, y]) => at.depth?.(x, y) ?? 10),
    labels: Uint8Array.from(pixels, ([x, y]) => at.label?.(x, y) ?? 0),
    intrinsics: { fx: focal, fy: focal, cx: (width - 1) / 2, cy: (height - 1) / 2 },
  };
}

/** Batches of the sample's own size and pixels as they are: nothing is changed but their order in memory. */
export function plainOptions(width: number, height: number): BatchOptions {
  return {
    batchSize: 1,
    width,
    height,
    targetStep: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    canonicalFocalPixels: 50,
    minMeters: 0.1,
    maxMeters: 100,
    augmentation: NO_AUGMENTATION,
  };
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'rxdepth-samples-'));
}

export const DESCRIPTION: StoreDescription = { source: 'test', seed: 3, width: 6, height: 4, count: 5 };

/** Sample `index` of a store of DESCRIPTION. */
export function numberedSample(index: number): Sample {
  return sampleOf(6, 4, {
    rgb: (x, y) => [index, x, y],
    depth: (x) => (x === 0 ? Number.POSITIVE_INFINITY : index + x / 7),
    label: (x, y) => (x === 1 ? 255 : (index + y) % 19),
    focal: 40 + index,
  });
}
