import path from 'node:path';
import type { ModelRunner } from '../../models/model-runner.js';
import { SampleStore, type StoreDescription } from '../../training/datasets/stores/sample-store.js';
import { sparseFromDense } from '../../training/datasets/stores/sparse-depth.js';
import { depthMetrics } from '../../training/evaluation/metrics/depth-metrics.js';
import { domainNamed } from '../../training/simulator/domains.js';
import { simulateDrive } from '../../training/simulator/drive.js';

/** A simulated drive with its truth. */
export interface TestDrive {
  readonly name: string;
  readonly folder: string;
  readonly description: StoreDescription;
}

export interface DriveKind {
  readonly domain: string;
  readonly seed: number;
  readonly frames: number;
  readonly frameRate: number;
  readonly width: number;
  readonly height: number;
}

/** Size of the camera's pictures. */
export const CAMERA_SIZE = { width: 512, height: 160 } as const;

/** The drive, rendered as far as it is not there yet. */
export function testDrive(root: string, kind: DriveKind): TestDrive {
  const { domain, seed, frames, frameRate, width, height } = kind;
  const name = `${domain}-${seed}`;
  const source = `simulator ${domain}, a drive at ${frameRate} Hz`;
  const description = { source, seed, width, height, count: frames };
  const folder = path.join(root, `${name}-${frames}x${frameRate}-${width}x${height}`);
  const store = SampleStore.open(folder, description);
  try {
    if (store.missing().length > 0) {
      let index = 0;
      for (const frame of simulateDrive({ ...kind, domain: domainNamed(domain) }))
        store.write(index++, frame);
    }
  } finally {
    store.close();
  }
  return { name, folder, description };
}

/** AbsRel of a drive: whole picture, cap 80 m, mean over the frames. */
export interface DriveQuality {
  readonly medianScaled: number;
  readonly unscaled: number;
}

/** @param indices of the frames that count; all by default. */
export async function driveQuality(
  model: ModelRunner,
  { folder, description }: TestDrive,
  indices: readonly number[] = Array.from({ length: description.count }, (_, i) => i),
): Promise<DriveQuality> {
  const store = SampleStore.open(folder, description);
  let [medianScaled, unscaled, frames] = [0, 0, 0];
  try {
    for (const index of indices) {
      const sample = store.read(index);
      const { depth } = await model.run(sample, sample.intrinsics);
      const truth = sparseFromDense(sample.depthMeters, sample.height, sample.width);
      const scaled = depthMetrics(truth, depth, { crop: 'none' });
      const plain = depthMetrics(truth, depth, { crop: 'none', medianScaling: false });
      if (scaled === undefined || plain === undefined) continue;
      medianScaled += scaled.absRel;
      unscaled += plain.absRel;
      frames++;
    }
  } finally {
    store.close();
  }
  return { medianScaled: medianScaled / frames, unscaled: unscaled / frames };
}
