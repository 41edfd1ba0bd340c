import path from 'node:path';
import { TrainingError } from '../../errors.js';
import type { DepthFile, FrameFiles, FrameSet } from '../files/frame-files.js';
import { listFolder, listFolderIfThere } from '../files/list-folder.js';
import { type Completeness, requireComplete } from '../files/require-complete.js';
import {
  cameraFromLidar,
  type KittiCamera,
  type KittiCameraCalibration,
  readCameraCalibration,
  readLidarCalibration,
} from './calibration.js';
import { fitCalibration, otherSizes } from './fit-calibration.js';
import { improvedDepthFiles } from './improved-depth.js';
import { driveFolder, frameDigits, frameName, type KittiFrame, readSplitList } from './split-list.js';

export interface KittiRawOptions extends Completeness {
  /** A list of frames, see `readSplitList`; default: all frames of the left camera, drive by drive. */
  readonly split?: string;
  /**
   * What the true depths are: the sweeps of the LiDAR (`velodyne_points`), as camera z (`lidar`, default) or in the
   * convention of the published tables (`lidar-monodepth2`). Or they are the maps of the KITTI depth benchmark (accumulated
   * sweeps without moving and hidden points) in another folder.
   */
  readonly truth?: 'lidar' | 'lidar-monodepth2' | { readonly improved: string } | 'none';
}

/** What is known of one drive once, whatever frames of it are asked for. */
interface Drive {
  readonly calibration: Record<KittiCamera, KittiCameraCalibration>;
  /** Picture files by frame index. */
  readonly pictures: Record<KittiCamera, ReadonlyMap<number, string>>;
  readonly depth: (frame: KittiFrame) => DepthFile | undefined;
  /** What to say of pictures that do not have the calibrated size. */
  readonly other: string | undefined;
}

/**
 * KITTI raw as published: `DATE/calib_*.txt`, `DATE/DRIVE_sync/image_0{2,3}/data/INDEX.png` (or .jpg, as many keep it) and
 * `DATE/DRIVE_sync/velodyne_points/data/INDEX.bin`. Pictures are rectified; intrinsics are those of `P_rect_02` or `_03`, scaled
 * where the first picture of a drive has another size than `S_rect` says.
 * @throws TrainingError naming what is missing, unless `allowMissing`.
 */
export async function openKittiRaw(root: string, options: KittiRawOptions = {}): Promise<FrameSet> {
  const { split, truth = 'lidar' } = options;
  const wanted = split === undefined ? await allFrames(root) : await readSplitList(split);
  const drives = new Map<string, Promise<Drive>>();
  const frames: FrameFiles[] = [];
  const noPicture: string[] = [];
  const noDepth: string[] = [];
  for (const frame of wanted) {
    const folder = driveFolder(root, frame);
    const drive = drives.get(folder) ?? openDrive(root, frame, truth);
    drives.set(folder, drive);
    const { calibration, pictures, depth } = await drive;
    const { camera, index } = frame;
    const at = (i: number) => pictures[camera].get(i);
    const [previous, picture, next] = [at(index - 1), at(index), at(index + 1)];
    if (picture === undefined) {
      noPicture.push(path.join(folder, `image_${camera}`, 'data', `${frameDigits(index)}.png`));
      continue;
    }
    const truthFile = depth(frame);
    if (truthFile === undefined && truth !== 'none') noDepth.push(frameName(frame));
    frames.push({
      name: frameName(frame),
      picture,
      ...(previous !== undefined && { previous }),
      ...(next !== undefined && { next }),
      intrinsics: calibration[camera].intrinsics,
      ...(truthFile !== undefined && { depth: truthFile }),
    });
  }
  const missing = requireComplete('pictures', noPicture, wanted.length, options);
  // The depth benchmark has no map for the first and last frames of drives: that is not a download cut short.
  const isPublished = typeof truth === 'object';
  const depthName = isPublished ? 'improved depth maps (of these frames)' : 'LiDAR sweeps (of these frames)';
  const opened = await Promise.all(drives.values());
  missing.push(
    ...otherSizes(
      opened.map(({ other }) => other),
      'drives',
    ),
    ...requireComplete(depthName, noDepth, frames.length, isPublished ? { allowMissing: true } : options),
  );
  if (frames.length === 0)
    throw new TrainingError(`${root} holds none of the ${wanted.length} frames asked for.`, { file: root });
  const of = split === undefined ? '' : ` of ${path.basename(split)}`;
  const title = `KITTI raw, ${frames.length} frames${of}`;
  const described = TRUTHS[typeof truth === 'object' ? 'improved' : truth];
  return { title, frames, ...(described !== undefined && { depthTruth: described }), missing };
}

const TRUTHS = {
  lidar: 'LiDAR sweeps (camera z)',
  'lidar-monodepth2': "LiDAR sweeps (the LiDAR's x, one pixel up and left, as in published tables)",
  improved: "KITTI's improved ground truth (camera z)",
  none: undefined,
} as const;

async function allFrames(root: string): Promise<KittiFrame[]> {
  const expected = 'KITTI raw: folders like `2011_09_26/2011_09_26_drive_0001_sync`';
  const frames: KittiFrame[] = [];
  for (const date of (await listFolder(root, expected)).filter((name) => /^\d{4}_\d\d_\d\d$/.test(name))) {
    for (const drive of (await listFolder(path.join(root, date), expected)).filter((name) =>
      /_sync$/.test(name),
    )) {
      const pictures = await pictureFiles(driveFolder(root, { date, drive }), '02');
      for (const index of pictures.keys()) frames.push({ date, drive, index, camera: '02' });
    }
  }
  if (frames.length === 0)
    throw new TrainingError(`${root} holds no pictures; expected ${expected}, each with \`image_02/data\`.`, {
      file: root,
    });
  return frames;
}

async function openDrive(
  root: string,
  { date, drive }: KittiFrame,
  truth: NonNullable<KittiRawOptions['truth']>,
): Promise<Drive> {
  const folder = driveFolder(root, { date, drive });
  const calibrations = await readCameraCalibration(path.join(root, date, 'calib_cam_to_cam.txt'));
  const pictures = { '02': await pictureFiles(folder, '02'), '03': await pictureFiles(folder, '03') };
  const fittedOf = async (camera: KittiCamera) => {
    const [first] = pictures[camera].values();
    return await fitCalibration(calibrations.of(camera), first);
  };
  const fitted = { '02': await fittedOf('02'), '03': await fittedOf('03') };
  const calibration = { '02': fitted['02'].calibration, '03': fitted['03'].calibration };
  const other = fitted['02'].other ?? fitted['03'].other;
  if (truth === 'none') return { calibration, pictures, other, depth: () => undefined };
  if (typeof truth === 'object') {
    return { calibration, pictures, other, depth: await improvedDepthFiles(truth.improved, date, drive) };
  }
  const camera0FromLidar = await readLidarCalibration(path.join(root, date, 'calib_velo_to_cam.txt'));
  const sweeps = path.join(folder, 'velodyne_points', 'data');
  const present = new Set(await listFolderIfThere(sweeps));
  const transform = (camera: KittiCamera) =>
    cameraFromLidar(calibration[camera], calibrations.rectification, camera0FromLidar);
  const transforms = { '02': transform('02'), '03': transform('03') };
  return {
    ...{ calibration, pictures, other },
    depth({ index, camera }) {
      const name = `${frameDigits(index)}.bin`;
      if (!present.has(name)) return undefined;
      return {
        kind: 'velodyne',
        file: path.join(sweeps, name),
        cameraFromLidar: transforms[camera],
        intrinsics: calibration[camera].intrinsics,
        convention: truth === 'lidar' ? 'cameraZ' : 'monodepth2',
      };
    },
  };
}

/** Pictures of a camera by index; none where the folder is missing. */
async function pictureFiles(folder: string, camera: KittiCamera): Promise<Map<number, string>> {
  const data = path.join(folder, `image_${camera}`, 'data');
  const names = (await listFolderIfThere(data)) ?? [];
  return new Map(
    names
      .filter((name) => /^\d{10}\.(?:png|jpe?g)$/i.test(name))
      .map((name) => [Number(name.slice(0, 10)), path.join(data, name)]),
  );
}
