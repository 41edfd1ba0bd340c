import path from 'node:path';
import type { DepthFile } from '../files/frame-files.js';
import { listFolderIfThere } from '../files/list-folder.js';
import type { KittiCamera } from './calibration.js';
import { frameDigits, type KittiFrame } from './split-list.js';

/** Depth maps of the KITTI depth benchmark are uint16: metres times 256. Source: its development kit. */
const UNITS_PER_METER = 256;

/**
 * The depth maps of a drive in KITTI's improved ground truth: `{train,val}/DRIVE_sync/proj_depth/groundtruth/image_0N/INDEX.png`
 * of `data_depth_annotated`, or the same `proj_depth` beside the raw pictures (`DATE/DRIVE_sync/proj_depth/...`).
 * @returns the map of a frame, undefined where there is none.
 */
export async function improvedDepthFiles(
  root: string,
  date: string,
  drive: string,
): Promise<(frame: Pick<KittiFrame, 'index' | 'camera'>) => DepthFile | undefined> {
  const files = new Map<string, string>();
  for (const camera of ['02', '03'] satisfies KittiCamera[]) {
    for (const parent of ['train', 'val', date, '.']) {
      const folder = path.join(root, parent, drive, 'proj_depth', 'groundtruth', `image_${camera}`);
      for (const name of (await listFolderIfThere(folder)) ?? [])
        files.set(`${camera} ${name.toLowerCase()}`, path.join(folder, name));
    }
  }
  return ({ index, camera }) => {
    const file = files.get(`${camera} ${frameDigits(index)}.png`);
    return file === undefined ? undefined : { kind: 'depth', file, unitsPerMeter: UNITS_PER_METER };
  };
}
