import { TrainingError } from '../../errors.js';
import type { GrayPng } from './read-gray-png.js';
import { readPicture } from './read-picture.js';

/**
 * Classes that a picture shows by colours, as trainIds, 255 = unlabelled.
 * @param trainIdByColor of every colour, 0xRRGGBB.
 * @throws TrainingError naming the file, and a colour that stands for no class.
 */
export async function readColorLabels(
  file: string,
  trainIdByColor: Readonly<Record<number, number>>,
): Promise<GrayPng<Uint8Array>> {
  const { rgb, width, height } = await readPicture(file);
  const values = new Uint8Array(width * height);
  for (let i = 0; i < values.length; i++) {
    const [r = 0, g = 0, b = 0] = rgb.subarray(3 * i, 3 * i + 3);
    const trainId = trainIdByColor[(r << 16) | (g << 8) | b];
    if (trainId === undefined) {
      throw new TrainingError(
        `${file}: expected the colours of its class table, got \`${r} ${g} ${b}\` at column ${i % width}, row ${Math.floor(i / width)}; ` +
          'is the file re-encoded or of another data set?',
        { file },
      );
    }
    values[i] = trainId;
  }
  return { width, height, values };
}
