import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import type { CameraSettings } from '../../../msgs/camera/camera-settings.js';
import { chooseTopic } from '../../datasets/bag/bag-topics.js';
import { matchStamps } from '../../datasets/bag/match-stamps.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import { lidarTruth } from '../../datasets/truth/lidar-truth.js';
import type { PinholeView } from '../drive/pinhole-view.js';
import type { SurveyedFrame } from '../drive/survey.js';

/** Clouds of these names are not measured by a LiDAR. */
const NO_LIDAR = /rxdepth|radar|stereo|depth|camera/i;
/** More would only take time. */
const MOST_FRAMES = 120;

/** The LiDAR topic of a drive: the named one, else the only one. @throws TrainingError when there are several. */
export function lidarTopic(bag: BagReader, named: string | undefined): string | undefined {
  const found = chooseTopic(
    bag,
    ['sensor_msgs/msg/PointCloud2'],
    '--lidar',
    named,
    ({ topic }) => !NO_LIDAR.test(topic),
  );
  return found?.topic;
}

/** Measured depths in the view, by the frame of the store that they belong to: of the cloud nearest in time. */
export async function judgedTruth(
  bag: BagReader,
  topic: string,
  names: CameraSettings,
  view: PinholeView,
  frames: readonly Pick<SurveyedFrame, 'index' | 'stampNs'>[],
): Promise<Map<number, SparseDepth>> {
  const truth = await lidarTruth(bag, topic, names, view);
  const every = Math.max(1, Math.ceil(frames.length / MOST_FRAMES));
  const wanted = frames.filter((_, i) => i % every === 0);
  const found = new Map<number, SparseDepth>();
  const pairs = matchStamps(stamped(wanted), truth.read(), truth.toleranceNs);
  for await (const { value: index, match } of pairs) if (match !== undefined) found.set(index, match);
  return found;
}

async function* stamped(frames: readonly Pick<SurveyedFrame, 'index' | 'stampNs'>[]) {
  for (const { index, stampNs } of frames) yield { stampNs, value: index };
}
