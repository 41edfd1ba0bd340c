import { parentPort, workerData } from 'node:worker_threads';
import { UNLABELLED } from '../../../models/class-table.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { NO_DISTORTION } from '../../../msgs/camera/distortion.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { TrainingError } from '../../errors.js';
import { cameraImages } from '../bag/bag-pictures.js';
import { cameraPicture } from '../bag/camera-picture.js';
import { SampleStore } from '../stores/sample-store.js';
import { fitOf, fitPicture, type PictureFit } from './fit-picture.js';
import type { BagFramesData } from './prepare-bag.js';

const REPORT_EVERY = 100;

/** Worker thread that decodes a recording's frames into a store: one after another, so that memory stays bounded. */
const port = parentPort;
if (port === null) throw new Error('bag-frames-worker runs as a worker thread');
const data = workerData as BagFramesData; // what `fill` sends
const { width, height } = data.description;
const store = SampleStore.open(data.folder, data.description);
const missing = new Set(store.missing());
const bag = await openBag(data.bag);
const { every = 1 } = data;
const unknown = {
  depthMeters: new Float32Array(width * height).fill(Number.NaN),
  labels: new Uint8Array(width * height).fill(UNLABELLED),
};
let fit: PictureFit | undefined;
let first: RgbPicture | undefined;
let index = 0;
for await (const { value } of cameraImages(bag, data.image)) {
  if (index % every === 0 && missing.has(index / every)) {
    const picture = await cameraPicture(value, data.decoding);
    first ??= picture;
    if (picture.width !== first.width || picture.height !== first.height) {
      throw new TrainingError(
        `frame ${index} has ${picture.width}x${picture.height} pixels, those before it ${first.width}x${first.height}`,
      );
    }
    fit ??= fitOf(data.camera ?? unknownCamera(picture), picture, width, height);
    const rgb = await fitPicture(picture, fit);
    store.write(index / every, { width, height, rgb, intrinsics: fit.intrinsics, ...unknown });
  }
  index += 1;
  if (index % REPORT_EVERY === 0) port.postMessage(index);
}
await bag.close();
store.close();
port.close();

/** A camera for pictures whose depth nobody asks for. */
function unknownCamera({ width: w, height: h }: RgbPicture) {
  return { intrinsics: { fx: w, fy: w, cx: (w - 1) / 2, cy: (h - 1) / 2 }, distortion: NO_DISTORTION };
}
