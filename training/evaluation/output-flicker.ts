import type { BagReader } from '../../msgs/bag/bag-reader.js';
import type { CameraKind } from '../../msgs/camera/camera-kind.js';
import { cameraModel } from '../../msgs/camera/camera-model.js';
import { transformFromPose } from '../../msgs/camera/rigid-transform.js';
import { cameraInfoCodec } from '../../msgs/camera-info.js';
import { imageCodec } from '../../msgs/image.js';
import { odometryCodec } from '../../msgs/odometry.js';
import { stampedMessages } from '../datasets/bag/bag-topics.js';
import type { Stamped } from '../datasets/bag/match-stamps.js';
import { depthOfImage } from '../datasets/truth/depth-image.js';
import { labelsOfImage } from '../datasets/truth/label-image.js';
import { type FlickerEvaluation, FlickerTally } from './metrics/flicker-tally.js';

/** Beside the depth topic, as `rxdepth replay` writes them. */
const TOPICS = {
  odometry: '/rxdepth/odometry',
  info: '/rxdepth/depth/camera_info',
  dynamic: '/rxdepth/dynamic/mask',
} as const;
/** Frames farther apart do not follow each other. */
const LONGEST_GAP_NS = 1_000_000_000n;

/**
 * How much the depth of a replay's output flickers, by the odometry that it wrote.
 * @param kind of the images: what their camera_info says of them.
 * @returns undefined where the output has no odometry of the camera, or no two frames of it follow each other.
 */
export async function evaluateFlicker(
  bag: BagReader,
  depth: string,
  kind: () => Promise<CameraKind>,
): Promise<FlickerEvaluation | undefined> {
  const has = (name: string) => bag.topics.some(({ topic }) => topic === name);
  if (!has(TOPICS.odometry) || !has(TOPICS.info)) return undefined;
  const poses = new AtStamp(stampedMessages(bag, TOPICS.odometry, odometryCodec));
  const infos = new AtStamp(stampedMessages(bag, TOPICS.info, cameraInfoCodec));
  const masks = has(TOPICS.dynamic)
    ? new AtStamp(stampedMessages(bag, TOPICS.dynamic, imageCodec))
    : undefined;
  const cameraKind = await kind();
  const tally = new FlickerTally();
  let lastNs: bigint | undefined;
  for await (const { stampNs, value } of stampedMessages(bag, depth, imageCodec)) {
    const [pose, info, mask] = [await poses.at(stampNs), await infos.at(stampNs), await masks?.at(stampNs)];
    if (lastNs !== undefined && stampNs - lastNs > LONGEST_GAP_NS) tally.breakOff();
    lastNs = stampNs;
    // A pose of another frame than the camera's is none of the pixels.
    if (pose === undefined || info === undefined || pose.child_frame_id !== value.header.frame_id) {
      tally.breakOff();
      continue;
    }
    const { position, orientation } = pose.pose.pose;
    tally.add({
      ...{ height: value.height, width: value.width, depthMeters: depthOfImage(value, depth) },
      ...(mask && { dynamic: labelsOfImage(mask, TOPICS.dynamic) }),
      intrinsics: cameraModel(info, cameraKind).intrinsics,
      worldFromCamera: transformFromPose(position, orientation),
    });
  }
  for (const reader of [poses, infos, masks]) await reader?.close();
  return tally.result();
}

/** Messages asked for by their stamps, in the order of these. */
class AtStamp<T> {
  readonly #messages: AsyncGenerator<Stamped<T>>;
  #held: Stamped<T> | undefined;

  constructor(messages: AsyncGenerator<Stamped<T>>) {
    this.#messages = messages;
  }

  async at(stampNs: bigint): Promise<T | undefined> {
    while (this.#held === undefined || this.#held.stampNs < stampNs) {
      const next = await this.#messages.next();
      if (next.done) break;
      this.#held = next.value;
    }
    return this.#held?.stampNs === stampNs ? this.#held.value : undefined;
  }

  async close(): Promise<void> {
    await this.#messages.return(undefined);
  }
}
