import { parentPort, workerData } from 'node:worker_threads';
import { type DecodeOptions, decodeImage } from '../../models/decode-image.js';
import { ImageConverter } from '../../models/image-converter.js';
import { imageCodec } from '../../msgs/image.js';
import { depthPicture } from '../../msgs/picture/depth-picture.js';
import { maskPicture } from '../../msgs/picture/mask-picture.js';
import { overlay } from '../../msgs/picture/overlay.js';
import { type PanelTile, panel } from '../../msgs/picture/panel.js';
import type { Pixels } from '../../msgs/picture/pixels.js';
import { type RgbPicture, rgbPicture } from '../../msgs/picture/rgb-picture.js';
import { writePng } from '../../msgs/picture/write-png.js';
import type { PictureAnswer, PictureRequest } from './picture-protocol.js';

const converter = new ImageConverter(1);
/** What the picture's message was read with. */
const decoding = workerData as DecodeOptions;
/** sRGB */
const MOVING = [255, 220, 60];

/** Draws panels beside the replay: colouring pixels would stall the thread that reads and writes. */
parentPort?.on('message', async (request: PictureRequest) => {
  let answer: PictureAnswer = {};
  try {
    await draw(request);
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});

async function draw({
  file,
  title,
  image,
  depth,
  color,
  dynamic,
  moving,
  metric,
}: PictureRequest): Promise<void> {
  const { pixels } = await decodeImage(image, converter, decoding);
  const camera = cameraPicture(pixels);
  converter.reuse(pixels);
  const { width, height } = camera;
  const meters = depthMeters(depth);
  const depthTile: PanelTile = metric
    ? { caption: 'depth, 3 m bright to 80 m dark', picture: depthPicture(meters, height, width) }
    : { caption: 'relative depth', picture: depthPicture(meters, height, width, relativeRange(meters)) };
  const tiles: PanelTile[] = [{ caption: title, picture: camera }, depthTile];
  if (color !== undefined) {
    const labels = rgbPicture(width, height, imageCodec.decode(color).data);
    tiles.push({ caption: 'labels', picture: overlay(camera, labels, 0.65) });
  }
  if (dynamic !== undefined) {
    const canMove = maskPicture(camera, imageCodec.decode(dynamic).data);
    tiles.push(
      moving === undefined
        ? { caption: 'red: people and vehicles', picture: canMove }
        : {
            caption: 'red: people and vehicles  yellow: they move',
            picture: tinted(canMove, camera, imageCodec.decode(moving).data),
          },
    );
  }
  await writePng(file, panel(tiles));
}

/** What moves in yellow, which those who cannot tell red from green see as brighter. */
function tinted(picture: RgbPicture, camera: RgbPicture, mask: Uint8Array): RgbPicture {
  for (let i = 0; i < 3 * mask.length; i++) {
    if (mask[Math.floor(i / 3)] !== 0)
      picture.rgb[i] = 0.4 * (camera.rgb[i] ?? 0) + 0.6 * (MOVING[i % 3] ?? 0);
  }
  return picture;
}

function cameraPicture({ data, height, width, step, bytesPerPixel, channelOrder }: Pixels): RgbPicture {
  const picture = rgbPicture(width, height);
  const [red, green, blue] = channelOrder;
  let to = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = row * step + column * bytesPerPixel;
      picture.rgb[to++] = data[from + red] ?? 0;
      picture.rgb[to++] = data[from + green] ?? 0;
      picture.rgb[to++] = data[from + blue] ?? 0;
    }
  }
  return picture;
}

function depthMeters(cdr: Uint8Array): Float32Array {
  const { encoding, data } = imageCodec.decode(cdr);
  const bytes = data.slice().buffer;
  if (encoding === '32FC1') return new Float32Array(bytes);
  return Float32Array.from(new Uint16Array(bytes), (millimetres) =>
    millimetres === 0 ? Number.NaN : millimetres / 1000,
  );
}

/** From the nearest to the 95th percentile of what is finite. */
function relativeRange(depth: Float32Array): { nearMeters: number; farMeters: number } {
  const finite = depth.filter((value) => Number.isFinite(value) && value > 0).sort();
  const nearMeters = finite[0] ?? 1;
  return {
    nearMeters,
    farMeters: Math.max(finite[Math.floor(finite.length * 0.95)] ?? 2, nearMeters * 1.01),
  };
}
