import { parentPort, workerData } from 'node:worker_threads';
import { UNLABELLED } from '../../../models/class-table.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { cameraModel } from '../../../msgs/camera/camera-model.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { TrainingError } from '../../errors.js';
import { cameraImages } from '../bag/bag-pictures.js';
import { cameraDecoding } from '../bag/camera-decoding.js';
import { firstCameraInfo } from '../bag/camera-info.js';
import { cameraPicture } from '../bag/camera-picture.js';
import { matchStamps } from '../bag/match-stamps.js';
import { denseFromSparse } from '../stores/dense-from-sparse.js';
import { SampleStore } from '../stores/sample-store.js';
import type { SparseDepth } from '../stores/sparse-depth.js';
import { findTruth, TRUTH_SPEC_OPTIONS } from '../truth/find-truth.js';
import { lidarTruth } from '../truth/lidar-truth.js';
import { fitDepth, requireSameSize } from './fit-depth.js';
import { fitOf, fitPicture, type PictureFit } from './fit-picture.js';
import type { PairedBagData } from './prepare-paired-bag.js';

const REPORT_EVERY = 100;

/** Worker thread that decodes a recording's pictures with their true depths into a store, one after another. */
const port = parentPort;
if (port === null) throw new Error('paired-bag-worker runs as a worker thread');
const data = workerData as PairedBagData; // what `fill` sends
const { width, height } = data.description;
const store = SampleStore.open(data.folder, data.description);
const missing = new Set(store.missing());
const bag = await openBag(data.bag);
const names = { ...data.names, image: data.image.topic, cameraKind: data.kind };
const info = await firstCameraInfo(bag, data);
const camera = cameraModel(info, data.kind);
const decoding = cameraDecoding(data, info);
const labels = new Uint8Array(width * height).fill(UNLABELLED);
const first = await firstPicture();
const fit = fitOf(camera, first, width, height);
// A LiDAR's points are projected into the fitted picture itself, where they lie closer together.
const found = await findTruth(bag, { ...names, ...data.truth }, TRUTH_SPEC_OPTIONS);
const truth =
  found.kind === 'lidar' ? await lidarTruth(bag, found.topic, names, { ...fit, width, height }) : found;
let index = 0;
const pairs = matchStamps(cameraImages(bag, data.image), truth.read(), truth.toleranceNs);
for await (const { value, match } of pairs) {
  if (match === undefined) continue;
  if (missing.has(index)) {
    const picture = await cameraPicture(value, decoding);
    if (picture.width !== first.width || picture.height !== first.height) {
      throw new TrainingError(
        `picture ${index} has ${picture.width}x${picture.height} pixels, the first one ${first.width}x${first.height}`,
      );
    }
    const rgb = await fitPicture(picture, fit);
    const depthMeters = depthOf(match, picture, fit);
    store.write(index, { width, height, rgb, depthMeters, labels, intrinsics: fit.intrinsics });
  }
  index += 1;
  if (index % REPORT_EVERY === 0) port.postMessage(index);
}
await bag.close();
store.close();
port.close();

async function firstPicture(): Promise<RgbPicture> {
  for await (const { value } of cameraImages(bag, data.image)) return await cameraPicture(value, decoding);
  throw new TrainingError(`${data.bag}: topic \`${data.image.topic}\` has no messages`, {
    topic: data.image.topic,
    file: data.bag,
  });
}

function depthOf(depth: SparseDepth, picture: RgbPicture, to: PictureFit): Float32Array {
  const values = denseFromSparse(depth);
  if (found.kind === 'lidar') return values;
  requireSameSize(depth, picture, found.topic);
  return fitDepth({ values, width: depth.width, height: depth.height }, to);
}
