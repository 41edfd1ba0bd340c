import path from 'node:path';
import { TrainingError } from '../../errors.js';
import type { FrameFiles, FrameSet } from '../files/frame-files.js';
import { listFolder, listFolderIfThere } from '../files/list-folder.js';
import { type Completeness, requireComplete } from '../files/require-complete.js';
import { SYNTHIA_TRAIN_IDS } from './synthia-classes.js';

/** Intrinsics of all pictures, 1280x760, pixels. Source: SYNTHIA's camera parameters. */
const INTRINSICS = { fx: 532.740352, fy: 532.740352, cx: 640, cy: 380 };
/** Depth is in centimetres. Source: SYNTHIA-RAND-CITYSCAPES' README. */
const UNITS_PER_METER = 100;
/** The largest number of 16 bits: the sky. */
const FAR = 65535;

/**
 * SYNTHIA-RAND-CITYSCAPES as published: `RGB/NNNNNNN.png` (9400), `GT/LABELS/NNNNNNN.png` (16 bits; the class in the first
 * channel, the instance in the second) or `parsed_LABELS/NNNNNNN.png` (the class alone), and `Depth/Depth/NNNNNNN.png` or
 * `Depth/NNNNNNN.png` (16 bits, centimetres). Intrinsics are the data set's own. `train`, `truck` and `terrain` do not occur:
 * figures over 19 classes mean nothing here.
 * @throws TrainingError naming what is missing, unless `allowMissing`; what is missing altogether is said in `missing`.
 */
export async function openSynthia(root: string, options: Completeness = {}): Promise<FrameSet> {
  const pictures = path.join(root, 'RGB');
  const names = (await listFolder(pictures, "SYNTHIA-RAND-CITYSCAPES' pictures, `RGB/0000000.png`")).filter(
    (name) => name.endsWith('.png'),
  );
  if (names.length === 0)
    throw new TrainingError(`${pictures} holds no pictures; expected \`0000000.png\` and so on.`, {
      file: pictures,
    });
  const labels = await firstFolder(root, [path.join('GT', 'LABELS'), 'parsed_LABELS']);
  const depths = await firstFolder(root, [path.join('Depth', 'Depth'), 'Depth']);
  const frames = names.map(
    (name): FrameFiles => ({
      name: name.slice(0, -'.png'.length),
      picture: path.join(pictures, name),
      intrinsics: INTRINSICS,
      ...(labels.names.has(name) && {
        labels: {
          file: path.join(labels.folder, name),
          ...{ numbers: 'table', trainIdByNumber: SYNTHIA_TRAIN_IDS },
        },
      }),
      ...(depths.names.has(name) && {
        depth: {
          ...{ kind: 'depth', file: path.join(depths.folder, name), channels: 'first' },
          ...{ unitsPerMeter: UNITS_PER_METER, farValue: FAR },
        },
      }),
    }),
  );
  const missing = [
    ...lacking('label pictures', labels, names, options),
    ...lacking('depth pictures', depths, names, options),
  ];
  return {
    title: `SYNTHIA-RAND-CITYSCAPES, ${frames.length} frames`,
    ...{ frames, missing, classSets: ['16', '13', '7'] },
    ...(depths.names.size > 0 && { depthTruth: 'depth pictures (camera z)' }),
  };
}

interface Folder {
  readonly folder: string;
  readonly names: ReadonlySet<string>;
}

/** The first of some folders that holds pictures; else the first, empty. */
async function firstFolder(root: string, places: readonly string[]): Promise<Folder> {
  for (const place of places) {
    const folder = path.join(root, place);
    const names = ((await listFolderIfThere(folder)) ?? []).filter((name) => name.endsWith('.png'));
    if (names.length > 0) return { folder, names: new Set(names) };
  }
  return { folder: path.join(root, places[0] ?? ''), names: new Set() };
}

/** @throws TrainingError when some are missing and that is not allowed. */
function lacking(
  what: string,
  { folder, names: present }: Folder,
  names: readonly string[],
  options: Completeness,
): string[] {
  if (present.size === 0) return [`no ${what}: ${folder} holds none`];
  const absent = names.filter((name) => !present.has(name)).map((name) => path.join(folder, name));
  return requireComplete(what, absent, names.length, options);
}
