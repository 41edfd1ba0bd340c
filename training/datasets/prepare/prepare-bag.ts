import path from 'node:path';
import { startWorker } from '../../../models/start-worker.js';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { TrainingError } from '../../errors.js';
import { cameraImages } from '../bag/bag-pictures.js';
import { type CameraTopics, cameraTopics, SPEC_OPTIONS } from '../bag/camera-topics.js';
import { checkOptions, countOption, type DataSpec, kindOption } from '../data-spec.js';
import { SampleStore, type StoreDescription } from '../stores/sample-store.js';
import { tripletsOfRuns } from '../stores/stored-triplets.js';
import { frameRuns, usualDistanceNs } from './frame-runs.js';
import { holdOut } from './hold-out.js';
import type { PreparedTarget, SizedPreparation } from './prepared-data.js';

/** What the worker is told; it answers with the number of frames that are done, now and then. */
export interface BagFramesData extends CameraTopics {
  readonly folder: string;
  readonly description: StoreDescription;
  readonly bag: string;
}

/** Time from a target to its neighbours that gives parallax at a car's speed, nanoseconds. */
const NEIGHBOUR_NS = 100e6;

/**
 * `bag:PATH?image=TOPIC&camera_info=TOPIC&spacing=N&validation=N`: the frames of one camera of a recording, undistorted,
 * resized and cropped. The last `validation` triplets are held out; they have no truth.
 * @throws TrainingError when there is no camera with a calibration, or there are too few frames without a gap.
 */
export async function prepareBag(spec: DataSpec, preparation: SizedPreparation): Promise<PreparedTarget> {
  checkOptions(spec, ['image', 'camera_info', 'camera_kind', 'spacing', 'validation']);
  const bag = await openBag(spec.place);
  try {
    const { image, cameraInfo, kind } = await camerasOf(bag, spec);
    const stamps = await stampsOf(bag, image);
    const usual = usualDistanceNs(stamps);
    const spacing = countOption(spec, 'spacing', Math.max(1, Math.round(NEIGHBOUR_NS / usual)));
    const triplets = tripletsOfRuns(frameRuns(stamps), spacing);
    const { width, height } = preparation;
    const description: StoreDescription = {
      source: `${path.basename(path.resolve(spec.place))} ${image.topic} ${stamps[0]}`,
      ...{ seed: 0, width, height, count: stamps.length, truth: false },
    };
    const name = path.basename(path.resolve(spec.place)).replaceAll(/[^\w.-]/g, '_');
    const folder = path.join(preparation.folder, `${name}-${width}x${height}`);
    preparation.report(
      `${spec.place}: ${stamps.length} frames of ${image.topic}, ${triplets.length / 3} triplets with neighbours ${spacing} frames away`,
    );
    await fill({ folder, description, bag: spec.place, image, cameraInfo, kind }, preparation);
    return holdOut({ folder, description, triplets }, countOption(spec, 'validation', 20), 2 * spacing);
  } finally {
    await bag.close();
  }
}

async function camerasOf(bag: BagReader, spec: DataSpec): Promise<CameraTopics> {
  const { image, camera_info: cameraInfo } = spec.options;
  return await cameraTopics(bag, { image, cameraInfo, cameraKind: kindOption(spec) }, SPEC_OPTIONS);
}

async function stampsOf(bag: BagReader, image: CameraTopics['image']): Promise<bigint[]> {
  const stamps: bigint[] = [];
  for await (const { stampNs } of cameraImages(bag, image)) stamps.push(stampNs);
  return stamps;
}

/** Decodes the frames that the store lacks, in a worker thread. */
async function fill(data: BagFramesData, { signal, report }: SizedPreparation): Promise<void> {
  const store = SampleStore.open(data.folder, data.description);
  const missing = store.missing().length;
  store.close();
  if (missing === 0 || signal?.aborted) return;
  const worker = startWorker(new URL('./bag-frames-worker.js', import.meta.url), { workerData: data });
  const stop = () => void worker.terminate();
  signal?.addEventListener('abort', stop);
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (frame: number) => report(`frames ${frame}/${data.description.count}`));
      worker.on('error', (cause) => {
        reject(new TrainingError(`${data.bag}: reading frames failed: ${cause.message}`, { cause }));
      });
      worker.on('exit', () => resolve());
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
