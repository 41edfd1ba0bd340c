import { trainIdsOf } from '../cityscapes/train-ids.js';
import type { LabelFile } from './frame-files.js';
import { readColorLabels } from './read-color-labels.js';
import { type GrayPng, readGray8 } from './read-gray-png.js';

/** True classes of a picture as trainIds: [height, width], 255 = unlabelled. @throws TrainingError naming the file. */
export async function readLabels(labels: LabelFile): Promise<GrayPng<Uint8Array>> {
  if (labels.numbers === 'colors') return readColorLabels(labels.file, labels.trainIdByColor);
  const stored = await readGray8(labels.file);
  return labels.numbers === 'trainIds' ? stored : { ...stored, values: trainIdsOf(stored.values) };
}
