import path from 'node:path';
import sharp from 'sharp';
import { write, writeColor, writeGrayPng } from '../files/write-gray-png.js';

export const [HEIGHT, WIDTH] = [6, 20];

/** Centimetres: the first row is sky, the next 1 m, then 10 m. */
export function depthOf(): Uint16Array {
  return Uint16Array.from({ length: HEIGHT * WIDTH }, (_, i) =>
    i < WIDTH ? 65535 : i < 2 * WIDTH ? 100 : 1000,
  );
}

async function writeClasses(
  file: string,
  colors: readonly (readonly [number, number, number])[],
): Promise<void> {
  const rgb = new Uint8Array(HEIGHT * WIDTH * 3);
  for (let i = 0; i < HEIGHT * WIDTH; i++) rgb.set(colors[i % colors.length] ?? [0, 0, 0], 3 * i);
  const image = sharp(rgb, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  await write(file, await image.png().toBuffer());
}

/** Every car has a colour of its own. */
export async function writeVirtualKitti1(root: string): Promise<void> {
  const at = (kind: string, ...rest: string[]) => path.join(root, `vkitti_1.3.1_${kind}`, ...rest);
  for (const variation of ['clone', 'fog']) {
    for (const index of ['00000', '00001', '00002']) {
      await writeColor(at('rgb', '0001', variation, `${index}.png`), [HEIGHT, WIDTH], [Number(index), 5, 5]);
      await writeGrayPng(at('depthgt', '0001', variation, `${index}.png`), depthOf(), WIDTH);
      await writeClasses(at('scenegt', '0001', variation, `${index}.png`), [
        [90, 200, 255],
        [100, 60, 100],
        [200, 7, 9],
        [201, 7, 9],
      ]);
    }
    await write(
      at('scenegt', `0001_${variation}_scenegt_rgb_encoding.txt`),
      'Category(:id) r g b\nSky 90 200 255\nRoad 100 60 100\nCar:0 200 7 9\nVan:1 201 7 9\nMisc 80 80 80\n',
    );
  }
  await write(at('rgb', 'README_rgb.txt'), 'read me');
}

/** @param split whether each archive was unpacked into a folder of its own. */
export async function writeVirtualKitti2(root: string, split: boolean): Promise<void> {
  const at = (kind: string, ...rest: string[]) =>
    path.join(root, ...(split ? [`vkitti_2.0.3_${kind}`] : []), 'Scene01', 'clone', ...rest);
  for (const index of ['00000', '00001']) {
    const frames = (kind: string, name: string) => at(kind, 'frames', kind, 'Camera_0', name);
    await writeColor(frames('rgb', `rgb_${index}.jpg`), [HEIGHT, WIDTH], [40, 40, 40]);
    await writeGrayPng(frames('depth', `depth_${index}.png`), depthOf(), WIDTH);
    await writeClasses(frames('classSegmentation', `classgt_${index}.png`), [
      [210, 0, 200],
      [250, 100, 255],
      [0, 139, 139],
      [0, 0, 0],
    ]);
  }
  await write(
    at('textgt', 'colors.txt'),
    'Category r g b\nTerrain 210 0 200\nGuardRail 250 100 255\nVan 0 139 139\nUndefined 0 0 0\n',
  );
  await write(
    at('textgt', 'intrinsic.txt'),
    'frame cameraID K[0,0] K[1,1] K[0,2] K[1,2]\n0 0 725.0087 725.0087 620.5 187\n0 1 700 700 620.5 187\n',
  );
}
