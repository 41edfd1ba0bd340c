import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { type CameraModel, cameraModel } from '../../../msgs/camera/camera-model.js';
import type { CameraSettings } from '../../../msgs/camera/camera-settings.js';
import { deliveredWindow } from '../../../msgs/camera/delivered-window.js';
import { NO_DISTORTION } from '../../../msgs/camera/distortion.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { TransformTree } from '../../../msgs/camera/transform-tree.js';
import { type CameraInfo, cameraInfoCodec } from '../../../msgs/camera-info.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { readPoints } from '../../../msgs/read-points.js';
import { tfMessageCodec } from '../../../msgs/tf-message.js';
import { TrainingError } from '../../errors.js';
import { chooseTopic, stampedMessages, topicList } from '../bag/bag-topics.js';
import { firstCameraInfo } from '../bag/camera-info.js';
import { COMPRESSED_TYPE, cameraTopics, IMAGE_TYPE } from '../bag/camera-topics.js';
import type { Stamped } from '../bag/match-stamps.js';
import { projectPoints } from '../stores/project-points.js';
import type { SparseDepth } from '../stores/sparse-depth.js';
import type { DepthTruth } from './depth-truth.js';

/** An image belongs to the sweep whose stamp is nearest, half a sweep of a 10 Hz LiDAR away at most. */
const TOLERANCE_NS = 50_000_000n;

/** Pictures other than the camera's own that the same camera could have taken. */
export interface TruthView {
  readonly intrinsics: Intrinsics;
  readonly width: number;
  readonly height: number;
}

/**
 * Truth from a LiDAR: every sweep transformed by /tf_static into the camera's optical frame and projected. Depth is
 * camera z. The ego-motion within a sweep and between sweep and image is not undone.
 * @param view projected into this pinhole view instead of into the camera's images.
 * @throws TrainingError when camera_info or /tf_static are missing; MessageError when frames do not connect.
 */
export async function lidarTruth(
  bag: BagReader,
  cloudTopic: string,
  names: CameraSettings = {},
  view?: TruthView,
): Promise<DepthTruth> {
  const found = await calibrated(bag, names);
  const { kind } = found;
  const info = await firstCameraInfo(bag, found);
  const tree = await staticTransforms(bag);
  const camera =
    view === undefined
      ? { ...cameraModel(info, kind), ...deliveredWindow(info) }
      : { ...view, distortion: NO_DISTORTION };
  const read = (): AsyncGenerator<Stamped<SparseDepth>> => sweeps(bag, cloudTopic, { info, tree, camera });
  return { kind: 'lidar', topic: cloudTopic, toleranceNs: TOLERANCE_NS, read };
}

/** The camera, or in a bag without images the calibration alone. */
async function calibrated(
  bag: BagReader,
  names: CameraSettings,
): Promise<Parameters<typeof firstCameraInfo>[1]> {
  const hasImages = bag.topics.some(({ type }) => type === IMAGE_TYPE || type === COMPRESSED_TYPE);
  if (hasImages) return await cameraTopics(bag, names);
  const info = chooseTopic(bag, [cameraInfoCodec.type], '--camera-info', names.cameraInfo);
  if (info !== undefined)
    return { cameraInfo: names.intrinsics ?? info.topic, kind: names.cameraKind ?? 'raw' };
  throw new TrainingError(
    `${bag.path}: LiDAR points need the camera's \`camera_info\` to be projected; the bag has:\n${topicList(bag)}`,
    { file: bag.path },
  );
}

async function* sweeps(
  bag: BagReader,
  topic: string,
  { info, tree, camera }: { info: CameraInfo; tree: TransformTree; camera: CameraModel & TruthView },
): AsyncGenerator<Stamped<SparseDepth>> {
  for await (const { stampNs, value } of stampedMessages(bag, topic, pointCloud2Codec)) {
    const cameraFromLidar = tree.lookup(info.header.frame_id, value.header.frame_id);
    yield {
      stampNs,
      value: projectPoints(readPoints(value), {
        cameraFromSource: cameraFromLidar,
        camera,
        height: camera.height,
        width: camera.width,
      }),
    };
  }
}

async function staticTransforms(bag: BagReader): Promise<TransformTree> {
  const tree = new TransformTree();
  for await (const { cdr } of bag.messages({ topics: ['/tf_static'] })) tree.add(tfMessageCodec.decode(cdr));
  if (tree.frames.length > 0) return tree;
  throw new TrainingError(
    `${bag.path}: LiDAR points need \`/tf_static\` from the LiDAR to the camera; the bag has:\n${topicList(bag)}`,
    { file: bag.path },
  );
}
