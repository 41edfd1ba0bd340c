import { CITYSCAPES_CLASSES, UNLABELLED } from '../../../models/class-table.js';
import { TrainingError } from '../../errors.js';
import { trainIdsOf } from '../cityscapes/train-ids.js';
import type { LabelFile } from './frame-files.js';
import { readColorLabels } from './read-color-labels.js';
import { type GrayPng, readGray8 } from './read-gray-png.js';
import { readPalettePng } from './read-palette-png.js';
import { readPngChannel } from './read-png-channel.js';

/** Last number of Cityscapes' label table; a licence plate is -1, which 8 bits write as 255. */
const LAST_ID = 33;

/** True classes of a picture as trainIds: [height, width], 255 = unlabelled. @throws TrainingError naming the file. */
export async function readLabels(labels: LabelFile): Promise<GrayPng<Uint8Array>> {
  if (labels.numbers === 'colors') return readColorLabels(labels.file, labels.trainIdByColor);
  if (labels.numbers === 'table' || labels.numbers === 'palette') {
    const stored = await (labels.numbers === 'table' ? readPngChannel : readPalettePng)(labels.file);
    return { ...stored, values: lookUp(stored, labels) };
  }
  const stored = await readGray8(labels.file);
  const isIds = labels.numbers === 'ids';
  const last = isIds ? LAST_ID : CITYSCAPES_CLASSES.length - 1;
  const at = stored.values.findIndex((number) => number > last && number !== UNLABELLED);
  if (at >= 0) {
    throw new TrainingError(
      `${labels.file}: expected Cityscapes' ${isIds ? 'ids' : 'trainIds'} \`0..${last}\` or ${UNLABELLED}, got ${stored.values[at]} at ` +
        `column ${at % stored.width}, row ${Math.floor(at / stored.width)}; is the file of another data set?`,
    );
  }
  return isIds ? { ...stored, values: trainIdsOf(stored.values) } : stored;
}

function lookUp(
  { values, width }: GrayPng<Uint8Array | Uint16Array>,
  { file, trainIdByNumber }: Extract<LabelFile, { readonly trainIdByNumber: readonly number[] }>,
): Uint8Array {
  return Uint8Array.from(values, (number, i) => {
    const trainId = trainIdByNumber[number];
    if (trainId !== undefined) return trainId;
    throw new TrainingError(
      `${file}: expected class numbers \`0..${trainIdByNumber.length - 1}\`, got ${number} at column ${i % width}, row ${Math.floor(i / width)}; is the file of another data set?`,
      { file },
    );
  });
}
