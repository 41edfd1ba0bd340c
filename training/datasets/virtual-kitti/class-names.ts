import { UNLABELLED } from '../../../models/class-table.js';
import { TrainingError } from '../../errors.js';
import { readText } from '../files/read-text.js';

/**
 * trainId of each category of both versions; a guard rail, Misc and Undefined are none of Cityscapes' 19 classes. Source: the
 * categories of Virtual KITTI 1.3.1 and 2.0.3, the label table of Cityscapes.
 */
const TRAIN_IDS: Readonly<Record<string, number>> = {
  ...{ Road: 0, Building: 2, Pole: 5, TrafficLight: 6, TrafficSign: 7, Tree: 8, Vegetation: 8 },
  ...{ Terrain: 9, Sky: 10, Car: 13, Van: 13, Truck: 14 },
  ...{ GuardRail: UNLABELLED, Misc: UNLABELLED, Undefined: UNLABELLED },
};

/**
 * trainIds by colour (0xRRGGBB), from a file with a line `Category[:instance] red green blue` for each colour, below a heading.
 * @throws TrainingError naming the file and the line.
 */
export async function readClassColors(file: string): Promise<Readonly<Record<number, number>>> {
  const lines = (await readText(file, 'the colours of the classes, `Category r g b` a line')).split('\n');
  const colors: Record<number, number> = {};
  for (const [index, line] of lines.entries()) {
    const words = line.trim().split(/\s+/);
    if (line.trim() === '' || words[0]?.startsWith('Category')) continue;
    const [name = '', ...numbers] = words;
    const [r = Number.NaN, g = Number.NaN, b = Number.NaN] = numbers.map(Number);
    const category = name.split(':')[0] ?? '';
    const trainId = Object.hasOwn(TRAIN_IDS, category) ? TRAIN_IDS[category] : undefined;
    const isColor =
      numbers.length === 3 &&
      [r, g, b].every((value) => Number.isInteger(value) && value >= 0 && value < 256);
    if (trainId === undefined || !isColor) {
      throw new TrainingError(
        `${file}, line ${index + 1}: expected a category of Virtual KITTI and three numbers in \`0..255\`, got \`${line.trim()}\``,
        { file },
      );
    }
    const color = (r << 16) | (g << 8) | b;
    if ((colors[color] ?? trainId) !== trainId) {
      throw new TrainingError(
        `${file}, line ${index + 1}: expected one class a colour, got \`${line.trim()}\` where another class has that colour`,
        { file },
      );
    }
    colors[color] = trainId;
  }
  if (Object.keys(colors).length === 0) {
    throw new TrainingError(`${file}: expected lines \`Category r g b\`, found none; fetch the file again.`, {
      file,
    });
  }
  return colors;
}
