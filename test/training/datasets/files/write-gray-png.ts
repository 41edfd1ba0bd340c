import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

/** Writes a file, making its folder. */
export async function write(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}

/** Writes a png of one channel, 8 or 16 bits. */
export async function writeGrayPng(
  file: string,
  values: Uint8Array | Uint16Array,
  width: number,
): Promise<void> {
  const height = values.length / width;
  const image = sharp(values, { raw: { width, height, channels: 1 } });
  const gray = image.toColourspace(values instanceof Uint16Array ? 'grey16' : 'b-w');
  await write(file, await gray.png().toBuffer());
}

/** Writes a png or jpeg of one colour. */
export async function writeColor(
  file: string,
  [height, width]: readonly [number, number],
  [r, g, b]: readonly [number, number, number],
): Promise<void> {
  const image = sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
  await write(file, await (file.endsWith('.png') ? image.png() : image.jpeg()).toBuffer());
}
