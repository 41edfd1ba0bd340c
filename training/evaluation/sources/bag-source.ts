import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { cameraModel } from '../../../msgs/camera/camera-model.js';
import { imageCodec } from '../../../msgs/image.js';
import { cameraImages } from '../../datasets/bag/bag-pictures.js';
import { stampedMessages } from '../../datasets/bag/bag-topics.js';
import { cameraDecoding } from '../../datasets/bag/camera-decoding.js';
import { firstCameraInfo } from '../../datasets/bag/camera-info.js';
import { cameraPicture } from '../../datasets/bag/camera-picture.js';
import { cameraTopics, SPEC_OPTIONS } from '../../datasets/bag/camera-topics.js';
import { matchStamps, type Stamped, type StampMatch } from '../../datasets/bag/match-stamps.js';
import {
  CAMERA_OPTIONS,
  cameraOptions,
  checkOptions,
  countOption,
  type DataSpec,
} from '../../datasets/data-spec.js';
import { findTruth, TRUTH_SPEC_OPTIONS } from '../../datasets/truth/find-truth.js';
import { labelsOfImage } from '../../datasets/truth/label-image.js';
import type { EvaluationFrame, EvaluationSource } from './evaluation-source.js';

const SIMULATED_LABELS = '/camera/labels';

/**
 * `bag:PATH?lidar=TOPIC&depth=TOPIC&labels=TOPIC&every=N` and CAMERA_OPTIONS: a recorded drive whose LiDAR (or depth images) is the
 * truth; topics are found as `rxdepth evaluate OUTPUT --truth BAG` finds them. Every Nth of the pictures that have truth is looked
 * at, from the first on; by default all of them.
 * @throws TrainingError naming the topics when pictures, calibration or truth are missing.
 */
export async function bagSource(spec: DataSpec, limit = Number.POSITIVE_INFINITY): Promise<EvaluationSource> {
  checkOptions(spec, [...CAMERA_OPTIONS, 'lidar', 'depth', 'labels', 'every']);
  const bag = await openBag(spec.place);
  try {
    return await sourceOf(bag, spec, limit);
  } catch (error) {
    await bag.close();
    throw error;
  }
}

async function sourceOf(bag: BagReader, spec: DataSpec, limit: number): Promise<EvaluationSource> {
  const { lidar, depth, labels = SIMULATED_LABELS } = spec.options;
  const every = countOption(spec, 'every', 1);
  const names = cameraOptions(spec);
  const camera = await cameraTopics(bag, names, SPEC_OPTIONS);
  const { image, kind } = camera;
  const truth = await findTruth(bag, { ...names, lidar, truthDepth: depth }, TRUTH_SPEC_OPTIONS);
  const info = await firstCameraInfo(bag, camera);
  const { intrinsics } = cameraModel(info, kind);
  const decoding = cameraDecoding(camera, info);
  const hasLabels = bag.topics.some(({ topic }) => topic === labels);
  const frames = async function* (): AsyncGenerator<EvaluationFrame> {
    const withDepth = matchStamps(cameraImages(bag, image), truth.read(), truth.toleranceNs);
    const trueLabels = hasLabels ? stampedMessages(bag, labels, imageCodec) : nothing();
    let [count, known] = [0, 0];
    for await (const { stampNs, value, match } of matchStamps(restamped(withDepth), trueLabels, 0n)) {
      if (every > 1 && (value.match === undefined || known++ % every !== 0)) continue;
      if (count++ >= limit) return;
      const picture = await cameraPicture(value.value, decoding);
      yield {
        name: String(stampNs),
        picture,
        intrinsics,
        depth: value.match,
        labels: match && labelsOfImage(match, labels),
      };
    }
  };
  return {
    title: `${bag.path}, ${image.topic}`,
    depthTruth: `${truth.topic} (${truth.kind}, camera z)`,
    crop: 'garg',
    missing: hasLabels ? [] : [`no labels: the bag has no topic \`${labels}\``],
    get problems() {
      return bag.problems;
    },
    count: undefined,
    async *depths() {
      let [count, known] = [0, 0];
      for await (const { value } of truth.read()) {
        if (known++ % every !== 0) continue;
        if (count++ >= limit) return;
        yield value;
      }
    },
    frames,
    close: () => bag.close(),
  };
}

async function* restamped<A, B>(
  matches: AsyncIterable<StampMatch<A, B>>,
): AsyncGenerator<Stamped<StampMatch<A, B>>> {
  for await (const value of matches) yield { stampNs: value.stampNs, value };
}

async function* nothing(): AsyncGenerator<never> {}
