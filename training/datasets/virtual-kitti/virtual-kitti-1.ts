import { existsSync } from 'node:fs';
import path from 'node:path';
import { TrainingError } from '../../errors.js';
import { FolderNames } from '../files/folder-names.js';
import { foldersIn, listFolder } from '../files/list-folder.js';
import { readClassColors } from './class-names.js';
import type { VirtualDrive } from './virtual-drive.js';

/** One camera in all worlds. Source: the format description of Virtual KITTI 1.3.1, "camera parameters". */
const INTRINSICS = { fx: 725, fy: 725, cx: 620.5, cy: 187 } as const;

/**
 * Virtual KITTI 1.3.1 as published: `vkitti_1.3.1_rgb/WORLD/VARIATION/00000.png`, the same under `_depthgt` and `_scenegt`, and
 * `vkitti_1.3.1_scenegt/WORLD_VARIATION_scenegt_rgb_encoding.txt`, whose cars and vans have a colour each.
 */
export async function virtualKitti1Drives(root: string): Promise<VirtualDrive[]> {
  const expected = 'Virtual KITTI 1: `vkitti_1.3.1_rgb`, `vkitti_1.3.1_depthgt`, `vkitti_1.3.1_scenegt`';
  const base = (await listFolder(root, expected)).find((name) => /^vkitti_1\.[\d.]+_rgb$/i.test(name));
  if (base === undefined)
    throw new TrainingError(`${root}: expected ${expected}, found no \`vkitti_1.3.1_rgb\`.`, { file: root });
  const beside = await FolderNames.of(root);
  const of = (kind: string) => {
    const name = base.replace(/_rgb$/i, `_${kind}`);
    return beside.find(name) ?? beside.placeOf(name);
  };
  const drives: VirtualDrive[] = [];
  for (const world of (await listFolder(of('rgb'), expected)).filter((name) => /^\d{4}$/.test(name))) {
    for (const variation of await foldersIn(path.join(of('rgb'), world), expected)) {
      const colorsFile = path.join(of('scenegt'), `${world}_${variation}_scenegt_rgb_encoding.txt`);
      drives.push({
        ...{ name: `${world}/${variation}`, variation },
        pictures: path.join(of('rgb'), world, variation),
        depths: path.join(of('depthgt'), world, variation),
        labels: path.join(of('scenegt'), world, variation),
        pictureName: /^(\d{5})\.png$/i,
        publishedName: (digits) => `${digits}.png`,
        depthName: (digits) => `${digits}.png`,
        labelName: (digits) => `${digits}.png`,
        trainIdByColor: existsSync(colorsFile) ? await readClassColors(colorsFile) : undefined,
        ...{ colorsFile, intrinsics: INTRINSICS, intrinsicsFile: '' },
      });
    }
  }
  return drives;
}
