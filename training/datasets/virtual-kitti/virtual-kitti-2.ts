import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { TrainingError } from '../../errors.js';
import { checkedIntrinsics } from '../files/checked-intrinsics.js';
import { foldersIn, listFolder, listFolderIfThere } from '../files/list-folder.js';
import { readText } from '../files/read-text.js';
import { readClassColors } from './class-names.js';
import type { VirtualDrive } from './virtual-drive.js';

const KINDS = ['rgb', 'depth', 'classSegmentation', 'textgt'] as const;

/**
 * Virtual KITTI 2 as published: `SceneXX/VARIATION/frames/rgb/Camera_N/rgb_00000.jpg`, `frames/depth/Camera_N/depth_00000.png`,
 * `frames/classSegmentation/Camera_N/classgt_00000.png`, `colors.txt` and `intrinsic.txt`; either unpacked into one folder or
 * each archive into `vkitti_2.0.3_KIND`.
 */
export async function virtualKitti2Drives(root: string, camera: 0 | 1): Promise<VirtualDrive[]> {
  const expected = 'Virtual KITTI 2: `vkitti_2.0.3_rgb/Scene01` or `Scene01`';
  const names = await listFolder(root, expected);
  const baseOf = (kind: (typeof KINDS)[number]) => {
    const own = names.find((name) => new RegExp(`^vkitti_2\\.[\\d.]+_${kind}$`, 'i').test(name));
    return own === undefined ? root : path.join(root, own);
  };
  const drives: VirtualDrive[] = [];
  for (const scene of (await listFolder(baseOf('rgb'), expected)).filter((name) =>
    /^Scene\d\d$/i.test(name),
  )) {
    for (const variation of await foldersIn(path.join(baseOf('rgb'), scene), expected)) {
      const at = (kind: (typeof KINDS)[number]) => path.join(baseOf(kind), scene, variation);
      const [colorsFile, intrinsicsFile] = [
        path.join(at('textgt'), 'colors.txt'),
        path.join(at('textgt'), 'intrinsic.txt'),
      ];
      const frames = (kind: string, folder: string) => path.join(folder, 'frames', kind, `Camera_${camera}`);
      drives.push({
        ...{ name: `${scene}/${variation}`, variation },
        pictures: frames('rgb', at('rgb')),
        depths: frames('depth', at('depth')),
        labels: frames(await classFolder(at('classSegmentation')), at('classSegmentation')),
        pictureName: /^rgb_(\d{5})\.(?:jpe?g|png)$/i,
        publishedName: (digits) => `rgb_${digits}.jpg`,
        depthName: (digits) => `depth_${digits}.png`,
        labelName: (digits) => `classgt_${digits}.png`,
        trainIdByColor: existsSync(colorsFile) ? await readClassColors(colorsFile) : undefined,
        intrinsics: existsSync(intrinsicsFile) ? await readIntrinsics(intrinsicsFile, camera) : undefined,
        ...{ colorsFile, intrinsicsFile },
      });
    }
  }
  return drives;
}

/** The description says `classsegmentation`, the archive `classSegmentation`. */
async function classFolder(drive: string): Promise<string> {
  const names = (await listFolderIfThere(path.join(drive, 'frames'))) ?? [];
  return names.find((name) => name.toLowerCase() === 'classsegmentation') ?? 'classSegmentation';
}

/** `frame cameraID K[0,0] K[1,1] K[0,2] K[1,2]` below a heading; a camera keeps its intrinsics. */
async function readIntrinsics(file: string, camera: 0 | 1): Promise<Intrinsics> {
  const lines = (await readText(file, 'the intrinsics, `frame cameraID fx fy cx cy` a line')).split('\n');
  for (const line of lines) {
    const numbers = line.trim().split(/\s+/).map(Number);
    if (numbers.length !== 6 || numbers[1] !== camera) continue;
    const [, , fx = Number.NaN, fy = Number.NaN, cx = Number.NaN, cy = Number.NaN] = numbers;
    if ([fx, fy, cx, cy].every(Number.isFinite)) return checkedIntrinsics(file, { fx, fy, cx, cy });
  }
  throw new TrainingError(`${file}: expected a line \`frame ${camera} fx fy cx cy\`, found none.`, { file });
}
