import path from 'node:path';
import { TrainingError } from '../../errors.js';
import type { FrameFiles, FrameSet } from '../files/frame-files.js';
import { listFolder, listFolderIfThere } from '../files/list-folder.js';
import { type Completeness, requireComplete } from '../files/require-complete.js';
import { CAMVID_TRAIN_IDS } from './camvid-classes.js';

const PICTURES = '701_StillsRaw_full';
const LABELS = 'LabeledApproved_full';

/**
 * CamVid as published: `701_StillsRaw_full/NAME.png` and `LabeledApproved_full/NAME_L.png`, colours of 32 classes. No
 * intrinsics, no depth.
 * @throws TrainingError when pictures are missing, or labels of some of them, unless `allowMissing`.
 */
export async function openCamvid(root: string, options: Completeness = {}): Promise<FrameSet> {
  const pictures = path.join(root, PICTURES);
  const labels = path.join(root, LABELS);
  const names = (await listFolder(pictures, `CamVid's pictures, \`${PICTURES}/0001TP_006690.png\``)).filter(
    (name) => name.endsWith('.png'),
  );
  if (names.length === 0)
    throw new TrainingError(`${pictures} holds no pictures; expected \`0001TP_006690.png\` and so on.`, {
      file: pictures,
    });
  const present = new Set(await listFolderIfThere(labels));
  const absent: string[] = [];
  const frames = names.map((file): FrameFiles => {
    const name = file.slice(0, -'.png'.length);
    const label = `${name}_L.png`;
    if (!present.has(label)) absent.push(path.join(labels, label));
    return {
      ...{ name, picture: path.join(pictures, file) },
      ...(present.has(label) && {
        labels: { file: path.join(labels, label), numbers: 'colors', trainIdByColor: CAMVID_TRAIN_IDS },
      }),
    };
  });
  const missing =
    absent.length === frames.length
      ? [`no labels: ${labels} holds none of \`NAME_L.png\``]
      : requireComplete('label pictures', absent, frames.length, options);
  return { title: `CamVid, ${frames.length} frames`, frames, missing, classSets: ['7'] };
}
