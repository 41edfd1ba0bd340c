import path from 'node:path';
import { TrainingError } from '../../errors.js';
import { FolderNames } from '../files/folder-names.js';
import type { FrameFiles, FrameSet } from '../files/frame-files.js';
import { listFolder } from '../files/list-folder.js';
import { missingPictures } from '../files/missing-pictures.js';
import { pathIgnoringCase } from '../files/path-ignoring-case.js';
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
  const pictures = await pathIgnoringCase(root, PICTURES);
  const labels = await FolderNames.of(await pathIgnoringCase(root, LABELS));
  const names = (await listFolder(pictures, `CamVid's pictures, \`${PICTURES}/0001TP_006690.png\``)).filter(
    (name) => /\.png$/i.test(name),
  );
  if (names.length === 0)
    throw new TrainingError(`${pictures} holds no pictures; expected \`0001TP_006690.png\` and so on.`, {
      file: pictures,
    });
  const absent: string[] = [];
  const frames = names.map((file): FrameFiles => {
    const name = file.slice(0, -'.png'.length);
    const labelName = `${name}_L.png`;
    const label = labels.find(labelName);
    if (label === undefined) absent.push(labels.placeOf(labelName));
    return {
      ...{ name, picture: path.join(pictures, file) },
      ...(label !== undefined && {
        labels: { file: label, numbers: 'colors', trainIdByColor: CAMVID_TRAIN_IDS },
      }),
    };
  });
  const noPicture = missingPictures(new FolderNames(pictures, names), labels, (label) =>
    /_L\.png$/i.test(label) ? label.replace(/_L\.png$/i, '.png') : undefined,
  );
  const missing = [
    ...requireComplete('pictures', noPicture, frames.length + noPicture.length, options),
    ...(absent.length === frames.length
      ? [`no labels: ${labels.folder} holds none of \`NAME_L.png\``]
      : requireComplete('label pictures', absent, frames.length, options)),
  ];
  return { title: `CamVid, ${frames.length} frames`, frames, missing, classSets: ['7'] };
}
