import sharp from 'sharp';

/** A grey picture as a PNG of 8 or 16 bits, as the numbers are; fast rather than small, as for messages. */
export async function pngOf(
  numbers: Uint8Array | Uint16Array,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const picture = sharp(numbers, { raw: { width, height, channels: 1 } });
  const grey =
    numbers instanceof Uint16Array ? picture.toColourspace('grey16') : picture.toColourspace('b-w');
  return await grey.png({ compressionLevel: 1 }).toBuffer();
}
