import type { OfferedOutput } from '../perception/perception-topics.js';
import { type QosProfile, qosMismatch } from '../transport/ros2/qos.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import type { Trouble } from './episodes.js';
import { offeredQos } from './offered-qos.js';
import type { Parameters } from './parameters.js';

type Listened = Pick<OfferedOutput, 'key' | 'topic' | 'type' | 'latched'>;

/**
 * Those who are subscribed to an output and hear nothing of it, because of its type or QoS. Nothing else tells them: to the node
 * they look like nobody.
 */
export function deafListeners(
  ros: RosNode,
  outputs: readonly Listened[],
  parameters: Pick<Parameters, 'output_reliability'>,
): readonly Trouble[] {
  return outputs.flatMap((output): Trouble[] => {
    const { topic, type } = output;
    const name = ros.resolve(topic);
    const offered = ros.effectiveQos('publisher', topic, offeredQos(output, parameters));
    return ros.subscribersOf(topic).flatMap((endpoint): Trouble[] => {
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
  });
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
