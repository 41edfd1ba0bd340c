import path from 'node:path';
import type { PictureModel } from '../../models/model-runner.js';
import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import { type PinholeView, pinholeView } from '../../training/adaptation/drive/pinhole-view.js';
import { type DriveCamera, driveCamera, driveImages } from '../../training/adaptation/drive/read-drive.js';
import { judgedTruth } from '../../training/adaptation/judge/judged-truth.js';
import type { SparseDepth } from '../../training/datasets/stores/sparse-depth.js';

/** A recorded drive and what was measured of it. */
export interface Measured {
  readonly bag: BagReader;
  readonly camera: DriveCamera;
  readonly view: PinholeView;
  readonly stamps: readonly { readonly index: number; readonly stampNs: bigint }[];
  /** Measured depth in the view, by picture. */
  readonly truth: ReadonlyMap<number, SparseDepth>;
}

/** Opens a drive, lets the caller read, and closes it. @param truthTopic LiDAR points. */
export async function withMeasured<T>(
  data: string,
  { name, truthTopic }: { readonly name: string; readonly truthTopic: string },
  input: PictureModel['manifest']['input'],
  read: (measured: Measured) => Promise<T>,
): Promise<T> {
  const bag = await openBag(path.join(data, name));
  try {
    const camera = await driveCamera(bag, {});
    const view = pinholeView(input, camera.model, camera);
    const stamps: { readonly index: number; readonly stampNs: bigint }[] = [];
    const left = { undecodable: 0, outOfOrder: 0 };
    for await (const { index, stampNs } of driveImages(bag, camera, () => true, left))
      stamps.push({ index, stampNs });
    const truth = await judgedTruth(bag, truthTopic, {}, view, stamps);
    return await read({ bag, camera, view, stamps, truth });
  } finally {
    await bag.close();
  }
}
