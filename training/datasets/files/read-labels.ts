import { trainIdsOf } from '../cityscapes/train-ids.js';
import type { LabelFile } from './frame-files.js';
import { type GrayPng, readGray8 } from './read-gray-png.js';

/** True classes of a picture as trainIds: [height, width], 255 = unlabelled. @throws TrainingError naming the file. */
export async function readLabels({ file, numbers }: LabelFile): Promise<GrayPng<Uint8Array>> {
  const stored = await readGray8(file);
  return numbers === 'trainIds' ? stored : { ...stored, values: trainIdsOf(stored.values) };
}
