import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { imageCodec } from '../../../msgs/image.js';
import { perceptionStatusCodec } from '../../../msgs/perception-status.js';
import { TrainingError } from '../../errors.js';

/** Where an output of rxdepth has what a report is about. */
export interface OutputTopics {
  /** In metres, or without a unit. */
  readonly depth: string;
  readonly metric: boolean;
  readonly labels: string | undefined;
  readonly moving: string | undefined;
  readonly color: string | undefined;
  readonly status: string | undefined;
}

/** @throws TrainingError when the bag has no depth of rxdepth's. */
export function outputTopics({ path, topics }: BagReader): OutputTopics {
  const named = (name: string, type: string) =>
    topics.find((one) => one.type === type && one.topic.endsWith(`/${name}`) && one.messageCount !== 0)
      ?.topic;
  const metric = named('depth/image', imageCodec.type);
  const depth = metric ?? named('depth/relative', imageCodec.type);
  if (depth === undefined) {
    throw new TrainingError(
      `${path} holds no depth of rxdepth (\`depth/image\` or \`depth/relative\`): expected a bag that \`rxdepth replay\` wrote`,
      { file: path },
    );
  }
  return {
    ...{ depth, metric: metric !== undefined },
    labels: named('segmentation/labels', imageCodec.type),
    moving: named('dynamic/moving', imageCodec.type),
    color: named('segmentation/color', imageCodec.type),
    status: named('status', perceptionStatusCodec.type),
  };
}
