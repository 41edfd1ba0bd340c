import path from 'node:path';
import { TrainingError } from '../../errors.js';
import { readText } from '../files/read-text.js';
import type { KittiCamera } from './calibration.js';

/** A picture of KITTI raw. */
export interface KittiFrame {
  /** `2011_09_26` */
  readonly date: string;
  /** `2011_09_26_drive_0002_sync` */
  readonly drive: string;
  readonly index: number;
  readonly camera: KittiCamera;
}

const CAMERAS: Readonly<Record<string, KittiCamera>> = { l: '02', r: '03', 2: '02', 3: '03' };
/** `2011_09_26/2011_09_26_drive_0002_sync 69 l`, as in the lists of Monodepth2 (Eigen's and Zhou's splits). */
const TRIPLE = /^(\d{4}_\d\d_\d\d)\/(\d{4}_\d\d_\d\d_drive_\d{4}_sync)\s+(\d+)(?:\s+([lr23]))?$/;
/** `2011_09_26/2011_09_26_drive_0002_sync/image_02/data/0000000069.png ...`, as in the lists of Eigen, Garg and Godard. */
const FILE =
  /^(\d{4}_\d\d_\d\d)\/(\d{4}_\d\d_\d\d_drive_\d{4}_sync)\/image_(0[23])\/data\/(\d{10})\.(?:png|jpg)(?:\s.*)?$/;

/**
 * Reads a list of KITTI raw frames, one a line, in either published form; blank lines and lines that begin with `#` are passed
 * over. Where a line has two files, the first one counts.
 * @throws TrainingError naming the file and the line that is neither.
 */
export async function readSplitList(file: string): Promise<KittiFrame[]> {
  const text = await readText(file, 'a list of KITTI frames, one a line');
  const frames = text.split(/\r?\n/).flatMap((line, i) => {
    const trimmed = line.trim();
    return trimmed === '' || trimmed.startsWith('#') ? [] : [frameOf(trimmed, `${file}, line ${i + 1}`)];
  });
  if (frames.length === 0) throw new TrainingError(`${file} lists \`no frame\`.`, { file });
  return frames;
}

function frameOf(line: string, where: string): KittiFrame {
  const triple = TRIPLE.exec(line);
  if (triple !== null) {
    const [, date = '', drive = '', index, side = 'l'] = triple;
    return { date, drive, index: Number(index), camera: CAMERAS[side] ?? '02' };
  }
  const named = FILE.exec(line);
  if (named !== null) {
    const [, date = '', drive = '', camera, index] = named;
    return { date, drive, index: Number(index), camera: camera === '03' ? '03' : '02' };
  }
  throw new TrainingError(
    `${where}: expected \`DATE/DRIVE_sync INDEX l|r\` or \`DATE/DRIVE_sync/image_02/data/INDEX.png\`, got ${line.slice(0, 120)}`,
  );
}

/** The frame's name in lists and reports: `2011_09_26/2011_09_26_drive_0002_sync 69 l`. */
export function frameName({ date, drive, index, camera }: KittiFrame): string {
  return `${date}/${drive} ${index} ${camera === '02' ? 'l' : 'r'}`;
}

/** `0000000069` */
export function frameDigits(index: number): string {
  return String(index).padStart(10, '0');
}

/** Folder of a drive: DATE/DRIVE under the root. */
export function driveFolder(root: string, { date, drive }: Pick<KittiFrame, 'date' | 'drive'>): string {
  return path.join(root, date, drive);
}
