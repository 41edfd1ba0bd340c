import { openBag } from '../../msgs/bag/open-bag.js';
import {
  composeTransforms,
  type RigidTransform,
  transformFromPose,
} from '../../msgs/camera/rigid-transform.js';
import { TransformTree } from '../../msgs/camera/transform-tree.js';
import { definitionCodec } from '../../msgs/definition-codec.js';
import { ros2msg } from '../../msgs/definitions.js';
import type { Header } from '../../msgs/header.js';
import { type Odometry, odometryCodec } from '../../msgs/odometry.js';
import { stampToNs } from '../../msgs/stamp.js';
import { tfMessageCodec } from '../../msgs/tf-message.js';
import { FRAME_IDS } from '../../training/simulator/drive-messages.js';

/** A pose of the camera's optical frame in some fixed frame. */
export interface StampedPose {
  readonly stampNs: bigint;
  readonly fixedFromCamera: RigidTransform;
  /** [36], where it is told. */
  readonly covariance?: ArrayLike<number>;
}

const poseStamped = definitionCodec<{ readonly header: Header; readonly pose: Odometry['pose']['pose'] }>(
  'geometry_msgs/msg/PoseStamped',
  ros2msg('geometry_msgs/PoseStamped', 'std_msgs/Header header\ngeometry_msgs/Pose pose'),
);

/** What a replay says on `odometry`. */
export async function saidPoses(bag: string): Promise<StampedPose[]> {
  return read(bag, ['/rxdepth/odometry'], (_, cdr) => {
    const { header, pose } = odometryCodec.decode(cdr);
    const fixedFromCamera = transformFromPose(pose.pose.position, pose.pose.orientation);
    return { stampNs: stampToNs(header.stamp), fixedFromCamera, covariance: pose.covariance };
  });
}

/** Of the simulator (/tf), or of a recorded drive (/ground_truth/pose, the camera's). */
export async function truePoses(bag: string): Promise<StampedPose[]> {
  const tree = new TransformTree();
  await read(bag, ['/tf_static'], (_, cdr) => {
    tree.add(tfMessageCodec.decode(cdr));
    return undefined;
  });
  return read(bag, ['/ground_truth/pose', '/tf'], (topic, cdr) => {
    if (topic === '/ground_truth/pose') {
      const { header, pose } = poseStamped.decode(cdr);
      const fixedFromCamera = transformFromPose(pose.position, pose.orientation);
      return { stampNs: stampToNs(header.stamp), fixedFromCamera };
    }
    const [base] = tfMessageCodec.decode(cdr).transforms;
    if (base === undefined) return undefined;
    const { translation, rotation } = base.transform;
    const fixedFromBase = transformFromPose(translation, rotation);
    const fixedFromCamera = composeTransforms(fixedFromBase, tree.lookup(FRAME_IDS.base, FRAME_IDS.optical));
    return { stampNs: stampToNs(base.header.stamp), fixedFromCamera };
  });
}

async function read(
  bag: string,
  topics: readonly string[],
  decode: (topic: string, cdr: Uint8Array) => StampedPose | undefined,
): Promise<StampedPose[]> {
  const reader = await openBag(bag);
  try {
    const poses: StampedPose[] = [];
    for await (const { topic, cdr } of reader.messages({ topics })) {
      const pose = decode(topic, cdr);
      if (pose !== undefined) poses.push(pose);
    }
    return poses;
  } finally {
    await reader.close();
  }
}
