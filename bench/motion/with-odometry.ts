import { existsSync } from 'node:fs';
import path from 'node:path';
import { BagWriter } from '../../msgs/bag/bag-writer.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import { odometryCodec } from '../../msgs/odometry.js';
import { stampToNs } from '../../msgs/stamp.js';
import { tfMessageCodec } from '../../msgs/tf-message.js';
import { DRIVE_TOPICS } from '../../training/simulator/drive-recorder.js';

/** A copy of a simulated drive with the speed of the vehicle, as wheels would measure it, in `/odom`. @returns its folder. */
export async function withOdometry(bag: string): Promise<string> {
  const folder = `${bag}-odometry`;
  if (existsSync(path.join(folder, 'metadata.yaml'))) return folder;
  const reader = await openBag(bag);
  const writer = await BagWriter.create(folder, { overwrite: true });
  try {
    const channels = new Map<string, number>();
    for (const { topic, type, definition = '' } of reader.topics) {
      const latched = topic === DRIVE_TOPICS.tfStatic;
      channels.set(topic, await writer.addTopic({ topic, type, definition, latched }));
    }
    const { type, definition } = odometryCodec;
    const odometry = await writer.addTopic({ topic: '/odom', type, definition });
    let before: { readonly x: number; readonly y: number; readonly timeNs: bigint } | undefined;
    for await (const { topic, cdr, logTimeNs } of reader.messages()) {
      await writer.write(channels.get(topic) ?? 0, cdr, logTimeNs);
      if (topic !== DRIVE_TOPICS.tf) continue;
      const { header, transform } = tfMessageCodec.decode(cdr).transforms[0];
      const { x, y } = transform.translation;
      const timeNs = stampToNs(header.stamp);
      if (before !== undefined) {
        const speed = (1e9 * Math.hypot(x - before.x, y - before.y)) / Number(timeNs - before.timeNs);
        const none = { x: 0, y: 0, z: 0 };
        const covariance = new Float64Array(36);
        const pose = { position: none, orientation: { ...none, w: 1 } };
        const twist = { linear: { ...none, x: speed }, angular: none };
        const message = {
          ...{ header, child_frame_id: 'base_link' },
          ...{ pose: { pose, covariance }, twist: { twist, covariance } },
        };
        await writer.write(odometry, odometryCodec.encode(message), logTimeNs);
      }
      before = { x, y, timeNs };
    }
  } finally {
    await writer.close();
    await reader.close();
  }
  return folder;
}
