import type { Image } from '../../../msgs/image.js';
import { TrainingError } from '../../errors.js';

/**
 * The labels of a mono8 / 8UC1 image without its row padding: [height, width].
 * @throws TrainingError for other encodings and for data shorter than height * step.
 */
export function labelsOfImage(image: Image, topic: string): Uint8Array {
  const { width, height, step, encoding, data } = image;
  if (encoding !== 'mono8' && encoding !== '8UC1') {
    throw new TrainingError(`${topic}: expected labels as \`mono8\`, got \`${encoding}\`.`, { topic });
  }
  if (step < width || data.byteLength < step * height) {
    throw new TrainingError(
      `${topic}: a ${width} x ${height} label image needs rows of at least \`${width}\` bytes, got step \`${step}\` and \`${data.byteLength}\` bytes.`,
      { topic },
    );
  }
  if (step === width) return data.subarray(0, width * height);
  const labels = new Uint8Array(width * height);
  for (let row = 0; row < height; row++)
    labels.set(data.subarray(row * step, row * step + width), row * width);
  return labels;
}
