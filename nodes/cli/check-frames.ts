import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { firstImageSize } from '../../msgs/bag/first-image-size.js';
import { TransformTree } from '../../msgs/camera/transform-tree.js';
import { MessageError } from '../../msgs/errors.js';
import { tfMessageCodec } from '../../msgs/tf-message.js';
import { NodeError } from '../errors.js';
import type { ReplayOptions } from './replay-options.js';

/** Messages of /tf_static looked at: one for each node of a robot that publishes it, and again with each part of a recording. */
const MOST_MESSAGES = 10_000;

/**
 * Refuses frames that a whole recording does not have, and a pose on /tf that would give a frame a second parent: tf2 takes
 * the one that came last, and what hangs from the other is lost (REP 105). A recording is there as a whole, so that the
 * static transforms it lacks will not come. One that does not say how many messages it has is not searched.
 * @throws NodeError
 */
export async function checkFrames(
  reader: BagReader,
  camera: { readonly topic: string; readonly type: string },
  staticTopic: string,
  { baseFrame, odometryTf }: Pick<ReplayOptions, 'baseFrame' | 'odometryTf'>,
): Promise<void> {
  if (baseFrame === undefined && odometryTf !== true) return;
  const found = reader.topics.find(({ topic }) => topic === staticTopic);
  const count = found === undefined ? 0 : found.messageCount;
  if (count === undefined || count > MOST_MESSAGES) return;
  const tree = new TransformTree();
  const damage: string[] = [];
  if (count > 0) {
    for await (const { cdr } of reader.messages({ topics: [staticTopic], fromNs: 0n })) {
      try {
        tree.add(tfMessageCodec.decode(cdr));
      } catch (error) {
        damage.push((error as Error).message);
      }
    }
  }
  const { frameId } = await firstImageSize(reader, camera);
  if (baseFrame !== undefined) {
    try {
      tree.lookup(baseFrame, frameId);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      throw new NodeError(`\`--base-frame ${baseFrame}\`: ${[error.message, ...damage].join('; ')}`, {
        field: '--base-frame',
        file: reader.path,
      });
    }
  }
  const body = baseFrame ?? frameId;
  const parent = tree.parentOf(body);
  if (odometryTf !== true || parent === undefined) return;
  throw new NodeError(
    `\`--odometry-tf\` would give \`${body}\` a second parent beside \`${parent}\` of ${staticTopic}, and a frame has one: ` +
      `name the root of its tree, \`--base-frame ${tree.rootOf(body)}\`, or leave \`--odometry-tf\` out`,
    { field: '--odometry-tf', file: reader.path },
  );
}
