import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import type { CameraSettings } from '../../../msgs/camera/camera-settings.js';
import { imageCodec } from '../../../msgs/image.js';
import { TrainingError } from '../../errors.js';
import { chooseTopic, stampedMessages, topicList } from '../bag/bag-topics.js';
import { IMAGE_TYPE } from '../bag/camera-topics.js';
import type { Stamped } from '../bag/match-stamps.js';
import { type SparseDepth, sparseFromDense } from '../stores/sparse-depth.js';
import { depthOfImage } from './depth-image.js';
import type { DepthTruth } from './depth-truth.js';
import { lidarTruth } from './lidar-truth.js';

export interface TruthOptions extends CameraSettings {
  /** PointCloud2 topic; wins over a depth image. */
  readonly lidar?: string | undefined;
  /** Depth image topic (32FC1 or 16UC1), default /camera/depth, as the simulator writes it. */
  readonly truthDepth?: string | undefined;
}

/** How a user names the topics, for messages. */
export interface TruthOptionNames {
  readonly lidar: string;
  readonly depth: string;
}

const COMMAND_LINE: TruthOptionNames = { lidar: '--lidar', depth: '--truth-depth' };
/** The options of `bag:PATH?...`. */
export const TRUTH_SPEC_OPTIONS: TruthOptionNames = { lidar: '?lidar=TOPIC', depth: '?depth=TOPIC' };

const SIMULATED_DEPTH = '/camera/depth';

/**
 * Finds the true depths in a bag: a depth image if there is one, else the LiDAR.
 * @throws TrainingError naming topics and options when there is nothing to compare with, or too much.
 */
export async function findTruth(
  bag: BagReader,
  options: TruthOptions = {},
  names: TruthOptionNames = COMMAND_LINE,
): Promise<DepthTruth> {
  const depthTopic = options.truthDepth ?? SIMULATED_DEPTH;
  const hasDepth = bag.topics.some(({ topic }) => topic === depthTopic);
  if (options.lidar === undefined && (hasDepth || options.truthDepth !== undefined)) {
    chooseTopic(bag, [IMAGE_TYPE], names.depth, depthTopic);
    return {
      kind: 'depth image',
      topic: depthTopic,
      toleranceNs: 0n,
      read: () => denseTruth(bag, depthTopic),
    };
  }
  const cloud = chooseTopic(bag, ['sensor_msgs/msg/PointCloud2'], names.lidar, options.lidar);
  if (cloud === undefined) {
    throw new TrainingError(
      `${bag.path} has no truth to compare with: expected a LiDAR topic (\`sensor_msgs/msg/PointCloud2\`) or a depth image \`${depthTopic}\`; it has:\n${topicList(bag)}`,
      { file: bag.path },
    );
  }
  return await lidarTruth(bag, cloud.topic, options);
}

async function* denseTruth(bag: BagReader, topic: string): AsyncGenerator<Stamped<SparseDepth>> {
  for await (const { stampNs, value } of stampedMessages(bag, topic, imageCodec)) {
    yield { stampNs, value: sparseFromDense(depthOfImage(value, topic), value.height, value.width) };
  }
}
