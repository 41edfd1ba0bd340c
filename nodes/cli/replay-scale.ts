import { hasScalableDepth, type Manifest } from '../../models/manifest.js';
import type { BagMessage, BagReader } from '../../msgs/bag/bag-reader.js';
import { odometryCodec } from '../../msgs/odometry.js';
import { pointCloud2Codec } from '../../msgs/point-cloud2.js';
import { stampToNs } from '../../msgs/stamp.js';
import { tfMessageCodec } from '../../msgs/tf-message.js';
import { NodeError } from '../errors.js';
import { MetricScale } from '../perception/scale/metric-scale.js';
import { ScaleInputs } from '../perception/scale/scale-inputs.js';
import { isEstimated, type ScaleSource } from '../perception/scale/scale-source.js';
import type { ReplayOptions } from './replay-options.js';

const TF_STATIC = '/tf_static';

export interface ReplayScaleOptions {
  readonly options: Pick<ReplayOptions, 'scale' | 'cameraHeight' | 'odometry' | 'lidar' | 'baseFrame'>;
  readonly reader: Pick<BagReader, 'path' | 'topics'>;
  readonly manifest: Manifest;
  /** Most frames in flight. */
  readonly lag: number;
  readonly warn: (text: string) => void;
}

/** The metric scale of a replay, and what it is found from. */
export interface ReplayScale {
  readonly scale: MetricScale;
  readonly inputs: ScaleInputs;
  /** Whether depths are metres; `later`: as soon as a scale was estimated. */
  readonly metric: boolean | 'later';
  /** Topics whose messages `feed` takes. */
  readonly topics: readonly string[];
  /** Takes a recorded message; those of other topics are let pass. */
  feed(message: BagMessage): void;
}

/** @throws NodeError when the bag, the model or the options do not give what the source of the scale needs. */
export function replayScale({ options, reader, manifest, lag, warn }: ReplayScaleOptions): ReplayScale {
  const { scale: choice = 'model', cameraHeight } = options;
  const source: ScaleSource = typeof choice === 'number' ? 'constant' : choice;
  const needsFactor = source === 'constant' || isEstimated(source);
  if (needsFactor && !hasScalableDepth(manifest)) {
    throw new NodeError(
      `no factor makes the depth of ${manifest.name} metric (${manifest.depth.kind}): use \`--scale none\`, or import the model with its scale and shift`,
    );
  }
  if (source === 'camera_height' && !manifest.classes.some(({ name }) => name.toLowerCase() === 'road')) {
    throw new NodeError(
      `\`--scale camera_height\` needs a model with the class \`road\`; ${manifest.name} has none`,
      { field: '--scale' },
    );
  }
  const odometry =
    source === 'odometry' ? findTopic(reader, odometryCodec.type, 'odometry', options.odometry) : undefined;
  const lidar =
    source === 'lidar' ? findTopic(reader, pointCloud2Codec.type, 'lidar', options.lidar) : undefined;
  const inputs = new ScaleInputs(warn);
  const { metric: modelIsMetric } = manifest.depth;
  const scale = new MetricScale({
    ...{ source, modelIsMetric, lag },
    constant: () => Number(choice),
    cameraHeight: () => cameraHeight,
    speedAt: (stampNs) => inputs.speedAt(stampNs),
  });
  return {
    ...{ scale, inputs },
    metric: source === 'none' ? false : source === 'constant' || modelIsMetric || (needsFactor && 'later'),
    topics: [odometry, lidar, (lidar ?? options.baseFrame) && TF_STATIC].filter(
      (topic) => topic !== undefined,
    ),
    feed({ topic, cdr }) {
      try {
        if (topic === odometry) inputs.addOdometry(odometryCodec.decode(cdr));
        else if (topic === lidar) {
          const { header } = pointCloud2Codec.decode(cdr);
          inputs.addScan({ stampNs: stampToNs(header.stamp), frameId: header.frame_id, cdr: cdr.slice() });
        } else if (topic === TF_STATIC) inputs.addTransforms(tfMessageCodec.decode(cdr));
      } catch (error) {
        warn(`damaged messages of ${topic} are left out: ${(error as Error).message}`);
      }
    },
  };
}

function findTopic(
  { path, topics }: ReplayScaleOptions['reader'],
  type: string,
  flag: string,
  name: string | undefined,
): string {
  const fitting = topics.filter((topic) => topic.type === type && topic.messageCount !== 0);
  const choices = fitting.map(({ topic }) => `\`${topic}\``).join(', ');
  if (name !== undefined) {
    if (fitting.some(({ topic }) => topic === name)) return name;
    throw new NodeError(
      `${path} has no topic \`${name}\` of type \`${type}\` (\`--${flag}\`); it has ${choices === '' ? 'none of that type' : choices}`,
      { topic: name, file: path },
    );
  }
  const [only, another] = fitting;
  if (only !== undefined && another === undefined) return only.topic;
  throw new NodeError(
    only === undefined
      ? `\`--scale ${flag}\` needs a topic of type \`${type}\`, and ${path} has none`
      : `${path} has several topics of type \`${type}\`; choose one with \`--${flag}\`: ${choices}`,
  );
}
