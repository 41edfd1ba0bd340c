import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { UNLABELLED } from '../../../models/class-table.js';
import { NO_DISTORTION } from '../../../msgs/camera/distortion.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { TrainingError } from '../../errors.js';
import { readLabels } from '../files/read-labels.js';
import { readPicture } from '../files/read-picture.js';
import type { Sample } from '../stores/sample.js';
import { SampleStore } from '../stores/sample-store.js';
import { fitOf, fitPicture } from './fit-picture.js';
import type { FrameFilesData, StoredPicture } from './prepare-frame-set.js';

/** Worker thread that decodes pictures of a data set into a store. */
const port = parentPort;
if (port === null) throw new Error('frame-files-worker runs as a worker thread');
const data = workerData as FrameFilesData;
const { width, height } = data.description;
const store = SampleStore.open(data.folder, data.description);
const depthMeters = new Float32Array(width * height).fill(Number.NaN);
const noLabels = new Uint8Array(width * height).fill(UNLABELLED);

port.on('message', async (index: number) => {
  const stored = data.pictures[index];
  if (stored === undefined) throw new TrainingError(`there is no picture ${index}`);
  store.write(index, { width, height, depthMeters, labels: noLabels, ...(await fitted(stored)) });
  port.postMessage(index);
});

async function fitted({
  file,
  intrinsics,
  labels,
}: StoredPicture): Promise<Pick<Sample, 'rgb' | 'intrinsics'> & Partial<Pick<Sample, 'labels'>>> {
  const picture = await readPicture(file);
  if (intrinsics !== undefined) {
    const fit = fitOf({ intrinsics, distortion: NO_DISTORTION }, picture, width, height);
    return { rgb: await fitPicture(picture, fit), intrinsics: fit.intrinsics };
  }
  const whole = { fx: width, fy: width, cx: (width - 1) / 2, cy: (height - 1) / 2 }; // not known, not used
  const resized = await resize(picture);
  if (labels === undefined) return { rgb: resized, intrinsics: whole };
  const { values, width: w, height: h } = await readLabels(labels);
  if (w !== picture.width || h !== picture.height) {
    throw new TrainingError(
      `${labels.file}: expected labels of \`${picture.width}x${picture.height}\`, the size of ${file}, got ${w}x${h}`,
    );
  }
  return { rgb: resized, intrinsics: whole, labels: nearest(values, w, h) };
}

async function resize({ rgb, width: w, height: h }: RgbPicture): Promise<Uint8Array> {
  const raw = { width: w, height: h, channels: 3 as const };
  return new Uint8Array(await sharp(rgb, { raw }).resize(width, height, { fit: 'fill' }).raw().toBuffer());
}

/** Labels at the store's size: those of the closest pixels. */
function nearest(values: Uint8Array, w: number, h: number): Uint8Array {
  const result = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * h) / height) * w;
    for (let x = 0; x < width; x++) {
      result[y * width + x] = values[row + Math.floor(((x + 0.5) * w) / width)] ?? UNLABELLED;
    }
  }
  return result;
}
