import type { Header } from '../../../../msgs/header.js';
import { stampToNs } from '../../../../msgs/stamp.js';
import { openRosNode } from '../../../../nodes/transport/ros2/open-ros-node.js';
import { LATCHED, SENSOR_DATA } from '../../../../nodes/transport/ros2/qos.js';

/**
 * `node probe.js SECONDS TOPIC=TYPE...`: a subscriber as a process of its own. Prints, as one line of JSON, what came on each
 * topic: count, rate between the first and the last, frame, size, encoding, and how old messages were [ms].
 */
const [seconds = '5', ...rest] = process.argv.slice(2);
const topics = rest.filter((text) => text.includes('=')).map((text) => text.split('=') as [string, string]);
const { node, ros } = await openRosNode('probe', []);

interface Heard {
  count: number;
  firstMs: number;
  lastMs: number;
  readonly stamps: string[];
  readonly agesMs: number[];
  facts: Record<string, unknown>;
}
const heard = new Map<string, Heard>();
for (const [topic, type] of topics) {
  const qos = topic.endsWith('label_info') ? LATCHED : { ...SENSOR_DATA, depth: 10 };
  ros.messages<Record<string, unknown> & { header?: Header }>(topic, type, qos).subscribe(({ message }) => {
    const now = performance.now();
    const entry = heard.get(topic) ?? {
      ...{ count: 0, firstMs: now, lastMs: now, stamps: [], agesMs: [], facts: {} },
    };
    heard.set(topic, entry);
    entry.count += 1;
    entry.lastMs = now;
    const stampNs = message.header === undefined ? 0n : stampToNs(message.header.stamp);
    entry.stamps.push(String(stampNs));
    entry.agesMs.push(Number(BigInt(Date.now()) * 1_000_000n - stampNs) / 1e6);
    const { height, width, encoding, point_step, is_dense, model_name, provider, frames_dropped } = message;
    entry.facts = {
      ...{ frame: message.header?.frame_id, height, width, encoding, point_step, is_dense },
      ...{ model_name, provider, frames_dropped },
    };
  });
}
node.spin();
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));

const summary = Object.fromEntries(
  [...heard].map(([topic, { count, firstMs, lastMs, stamps, agesMs, facts }]) => {
    const sorted = [...agesMs].sort((a, b) => a - b);
    const hz = count > 1 ? ((count - 1) * 1000) / (lastMs - firstMs) : 0;
    return [topic, { count, hz, medianAgeMs: sorted[Math.floor(sorted.length / 2)], stamps, ...facts }];
  }),
);
process.stdout.write(`${JSON.stringify(summary)}\n`);
await ros.close();
process.exit(0);
