import sharp from 'sharp';
import { TrainingError } from '../../errors.js';
import { unreadableReason } from './unreadable-reason.js';

/** Numbers of a PNG of one channel: [height, width], as they are stored. */
export interface GrayPng<T> {
  readonly height: number;
  readonly width: number;
  readonly values: T;
}

/** A PNG of one 16-bit channel. @throws TrainingError naming the file when it is something else. */
export async function readGray16(file: string): Promise<GrayPng<Uint16Array>> {
  const { data, height, width } = await readGray(file, 'ushort', '16');
  return { height, width, values: new Uint16Array(data.slice().buffer) };
}

/** A PNG of one 8-bit channel. @throws TrainingError naming the file when it is something else. */
export async function readGray8(file: string): Promise<GrayPng<Uint8Array>> {
  const { data, height, width } = await readGray(file, 'uchar', '8');
  return { height, width, values: data };
}

async function readGray(file: string, depth: 'uchar' | 'ushort', bits: string) {
  try {
    const image = sharp(file, { failOn: 'error' });
    const stored = await image.metadata();
    if (stored.channels !== 1 || stored.depth !== depth || stored.format !== 'png') {
      throw new TrainingError(
        `expected a png of one \`${bits}-bit\` channel, got ${stored.format} of ${stored.channels} (${stored.depth})`,
      );
    }
    const { data, info } = await image
      .toColourspace(depth === 'ushort' ? 'grey16' : 'b-w')
      .raw({ depth })
      .toBuffer({ resolveWithObject: true });
    const { height, width } = info;
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), height, width };
  } catch (cause) {
    throw new TrainingError(`${file} cannot be read: ${await unreadableReason(file, cause)}.`, {
      file,
      cause,
    });
  }
}
