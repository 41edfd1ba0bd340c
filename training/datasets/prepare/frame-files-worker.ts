import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { UNLABELLED } from '../../../models/class-table.js';
import { NO_DISTORTION } from '../../../msgs/camera/distortion.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { TrainingError } from '../../errors.js';
import type { DepthFile } from '../files/frame-files.js';
import { readDenseDepth } from '../files/read-dense-depth.js';
import type { GrayPng } from '../files/read-gray-png.js';
import { readLabels } from '../files/read-labels.js';
import { readPicture } from '../files/read-picture.js';
import type { Sample } from '../stores/sample.js';
import { SampleStore } from '../stores/sample-store.js';
import type { FailedTask } from './fill-with-workers.js';
import { fitDepth } from './fit-depth.js';
import { fitOf, fitPicture, type PictureFit } from './fit-picture.js';
import type { FrameFilesData, StoredPicture } from './prepare-frame-set.js';

/** Worker thread that decodes pictures of a data set into a store. */
const port = parentPort;
if (port === null) throw new Error('frame-files-worker runs as a worker thread');
const data = workerData as FrameFilesData; // what `fill` sends
const { width, height } = data.description;
const store = SampleStore.open(data.folder, data.description);
const depthMeters = new Float32Array(width * height).fill(Number.NaN);
const noLabels = new Uint8Array(width * height).fill(UNLABELLED);

port.on('message', async (index: number) => {
  const stored = data.pictures[index];
  if (stored === undefined) throw new TrainingError(`there is no picture ${index}`);
  try {
    store.write(index, { width, height, depthMeters, labels: noLabels, ...(await fitted(stored)) });
    port.postMessage(index);
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    const { message: problem } = error;
    port.postMessage({ problem: problem.endsWith('.') ? problem : `${problem}.` } satisfies FailedTask);
  }
});

/** Size of a picture's file. */
interface PictureSize {
  readonly w: number;
  readonly h: number;
  readonly file: string;
}

type Fitted = Pick<Sample, 'rgb' | 'intrinsics'> & Partial<Pick<Sample, 'labels' | 'depthMeters'>>;

async function fitted({ file, intrinsics, shape, labels, depth }: StoredPicture): Promise<Fitted> {
  const picture = await readPicture(file);
  // Where a camera is not known its intrinsics are not used.
  const assumed = { fx: width, fy: width, cx: (width - 1) / 2, cy: (height - 1) / 2 };
  const covers = intrinsics !== undefined || shape === 'cover';
  const camera = { intrinsics: intrinsics ?? assumed, distortion: NO_DISTORTION };
  const fit = covers ? fitOf(camera, picture, width, height) : undefined;
  const size = { w: picture.width, h: picture.height, file };
  return {
    rgb: fit === undefined ? await resize(picture) : await fitPicture(picture, fit),
    intrinsics: intrinsics === undefined ? assumed : (fit?.intrinsics ?? assumed),
    ...(labels && { labels: nearest(checked(await readLabels(labels), labels.file, size), fit) }),
    ...(depth && { depthMeters: await fittedDepth(depth, picture, fit, size) }),
  };
}

/** A LiDAR's points are projected into the fitted picture itself, where they lie closer together. */
async function fittedDepth(
  depth: DepthFile,
  picture: RgbPicture,
  fit: PictureFit | undefined,
  size: PictureSize,
): Promise<Float32Array> {
  if (depth.kind === 'velodyne' && fit !== undefined)
    return (await readDenseDepth({ ...depth, intrinsics: fit.intrinsics }, { width, height })).values;
  const dense = await readDenseDepth(depth, picture);
  // Make3D's grid is coarser than the picture, and made dense as in the publications.
  const known = depth.kind === 'make3d' ? dense : checked(dense, depth.file, size);
  return fit === undefined ? nearest(known) : fitDepth(known, fit);
}

async function resize({ rgb, width: w, height: h }: RgbPicture): Promise<Uint8Array> {
  const raw = { width: w, height: h, channels: 3 as const };
  return new Uint8Array(await sharp(rgb, { raw }).resize(width, height, { fit: 'fill' }).raw().toBuffer());
}

function checked<T>(truth: GrayPng<T>, truthFile: string, { w, h, file }: PictureSize) {
  if (truth.width === w && truth.height === h) return truth;
  throw new TrainingError(
    `${truthFile}: expected a truth of \`${w}x${h}\`, the size of ${file}, got ${truth.width}x${truth.height}`,
    { file: truthFile },
  );
}

/** Truth at the store's size: that of the closest pixels. */
function nearest<T extends Uint8Array | Float32Array>(
  { values, width: w, height: h }: GrayPng<T>,
  fit: Pick<PictureFit, 'resized' | 'window'> = { resized: { width, height }, window: { left: 0, top: 0 } },
): T {
  const { resized, window } = fit;
  const result = new (values.constructor as new (length: number) => T)(width * height); // of the same kind
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + window.top + 0.5) * h) / resized.height) * w;
    for (let x = 0; x < width; x++) {
      const column = Math.floor(((x + window.left + 0.5) * w) / resized.width);
      result[y * width + x] = values[row + column] ?? 0;
    }
  }
  return result;
}
