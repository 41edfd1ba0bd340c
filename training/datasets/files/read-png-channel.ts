import sharp from 'sharp';
import { TrainingError } from '../../errors.js';
import type { GrayPng } from './read-gray-png.js';
import { unreadableReason } from './unreadable-reason.js';

/**
 * The first channel of a PNG of one to four channels of 8 or 16 bits, as it is stored. Data sets keep a number a pixel there.
 * @param bits expected; either where left out.
 * @throws TrainingError naming the file when it is something else, such as a PNG with a palette.
 */
export async function readPngChannel(file: string, bits?: 16): Promise<GrayPng<Uint16Array>> {
  try {
    const image = sharp(file, { failOn: 'error' });
    const { format, depth, isPalette, channels } = await image.metadata();
    const isKnown = depth === 'ushort' || (depth === 'uchar' && bits === undefined);
    if (format !== 'png' || isPalette === true || !isKnown) {
      const kind = `${format} of ${channels} (${isPalette === true ? 'palette' : depth})`;
      throw new TrainingError(`expected a png with numbers of \`${bits ?? '8 or 16'} bits\`, got ${kind}`);
    }
    const space = depth === 'ushort' ? (channels < 3 ? 'grey16' : 'rgb16') : channels < 3 ? 'b-w' : 'srgb';
    const { data, info } = await image
      .toColourspace(space)
      .raw({ depth })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
    const stored = depth === 'ushort' ? new Uint16Array(bytes.slice().buffer) : bytes;
    const values = new Uint16Array(width * height);
    for (let i = 0; i < values.length; i++) values[i] = stored[i * info.channels] ?? 0;
    return { width, height, values };
  } catch (cause) {
    throw new TrainingError(`${file} cannot be read: ${await unreadableReason(file, cause)}.`, {
      file,
      cause,
    });
  }
}
