import { COMPRESSED_TOPICS } from '../../msgs/picture/compress-image.js';
import { OUTPUTS, type OutputSpec } from '../perception/outputs.js';
import type { OfferedOutput } from '../perception/perception-topics.js';
import { type QosProfile, qosMismatch } from '../transport/ros2/qos.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import type { Trouble } from './episodes.js';
import { offeredQos } from './offered-qos.js';
import type { Parameters } from './parameters.js';

type Listened = Pick<OfferedOutput, 'key' | 'topic' | 'type' | 'latched'>;

/**
 * Those who are subscribed to an output and hear nothing of it, because of its type or QoS, or because its compressed form is
 * not offered. Nothing else tells them: to the node they look like nobody.
 */
export function deafListeners(
  ros: RosNode,
  outputs: readonly Listened[],
  parameters: Pick<Parameters, 'output_reliability' | 'compressed_outputs'>,
): readonly Trouble[] {
  return outputs.flatMap((output): Trouble[] => {
    const { topic, type } = output;
    const name = ros.resolve(topic);
    const offered = ros.effectiveQos('publisher', topic, offeredQos(output, parameters));
    const deaf = ros.subscribersOf(topic).flatMap((endpoint): Trouble[] => {
      if (endpoint.type !== type) {
        const text = `${endpoint.node} subscribes to ${name} as \`${endpoint.type}\`, which is \`${type}\`: it hears nothing`;
        return [{ area: 'results', text }];
      }
      const mismatch = qosMismatch(offered, endpoint.qos);
      if (mismatch === undefined) return [];
      return [
        {
          area: 'results',
          text:
            `${endpoint.node} subscribes to ${name} with a QoS that is not offered, and hears nothing: ${mismatch}; ` +
            `change the subscription, or set ${remedy(name, offered, endpoint.qos)}`,
        },
      ];
    });
    return parameters.compressed_outputs ? deaf : [...deaf, ...askedCompressed(ros, output)];
  });
}

/** Who listens to the compressed form of an output that nobody publishes; image_transport's republisher may. */
function askedCompressed(ros: RosNode, { key, topic }: Listened): readonly Trouble[] {
  const { compression }: OutputSpec = OUTPUTS[key];
  if (compression === undefined) return [];
  const compressed = `${topic}/${COMPRESSED_TOPICS[compression]}`;
  const listeners = ros.subscribersOf(compressed);
  if (listeners.length === 0 || ros.publishersOf(compressed).length > 0) return [];
  return listeners.map(({ node }) => ({
    area: 'results',
    text:
      `${node} subscribes to ${ros.resolve(compressed)}, which is not offered, and hears nothing: ` +
      'start the node with `compressed_outputs` true',
  }));
}

function remedy(name: string, offered: QosProfile, requested: QosProfile): string {
  const override = (policy: string, value: string) =>
    `\`qos_overrides.${name}.publisher.${policy}\` to ${value}`;
  return [
    ...(offered.reliability === 'best_effort' && requested.reliability === 'reliable'
      ? [`\`output_reliability\` or ${override('reliability', 'reliable')}`]
      : []),
    ...(offered.durability === 'volatile' && requested.durability === 'transient_local'
      ? [override('durability', 'transient_local')]
      : []),
  ].join(', and ');
}
