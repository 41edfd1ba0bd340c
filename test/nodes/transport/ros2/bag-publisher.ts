import { openBag } from '../../../../msgs/bag/open-bag.js';
import type { CameraInfo } from '../../../../msgs/camera-info.js';
import { cameraInfoCodec } from '../../../../msgs/camera-info.js';
import { type CompressedImage, compressedImageCodec } from '../../../../msgs/compressed-image.js';
import { nsToStamp, stampToNs } from '../../../../msgs/stamp.js';
import { openRosNode } from '../../../../nodes/transport/ros2/open-ros-node.js';
import { RELIABLE } from '../../../../nodes/transport/ros2/qos.js';

export interface BagCameraOptions {
  readonly bag: string;
  readonly image: string;
  readonly info: string;
  readonly hz: number;
  readonly frames: number;
  /** Stamps of the recording instead of the present. */
  readonly recordedStamps?: boolean;
  /** Topics and types of results with a header: the next image waits until all of one are there, however slow the machine is. */
  readonly awaits?: Readonly<Record<string, string>>;
}

/**
 * `node bag-publisher.js JSON`: a camera driver as a process of its own, which publishes a recording's jpeg or png images at
 * a rate, over and over until so many frames are out. Begins when somebody listens.
 */
const [json = '', ...rosArgs] = process.argv.slice(2);
const options = JSON.parse(json) as BagCameraOptions;
const { bag, image: imageTopic, info: infoTopic, hz, frames, recordedStamps = false, awaits = {} } = options;
const { node, ros } = await openRosNode('camera_driver', rosArgs);
ros.announce({ topic: 'image/compressed', type: compressedImageCodec.type }, RELIABLE);
ros.announce({ topic: 'camera_info', type: cameraInfoCodec.type }, RELIABLE);
/** By the topic of a result, the stamp of the newest one. */
const answeredNs = new Map<string, bigint>(Object.keys(awaits).map((topic) => [topic, 0n]));
for (const [topic, type] of Object.entries(awaits))
  ros.messages(topic, type, RELIABLE).subscribe(({ stampNs }) => answeredNs.set(topic, stampNs));
node.spin();

const answered = (stampNs: bigint) => [...answeredNs.values()].every((newestNs) => newestNs >= stampNs);

while (ros.listenersOf('image/compressed') === 0 || ros.listenersOf('camera_info') === 0)
  await new Promise((resolve) => setTimeout(resolve, 100));

let info: CameraInfo | undefined;
let sent = 0;
let dueMs = performance.now();
while (sent < frames) {
  const reader = await openBag(bag);
  for await (const { topic, cdr } of reader.messages({ topics: [imageTopic, infoTopic] })) {
    if (topic === infoTopic) {
      info = cameraInfoCodec.decode(cdr);
      continue;
    }
    if (info === undefined || sent >= frames) continue;
    const image: CompressedImage = compressedImageCodec.decode(cdr);
    dueMs += 1000 / hz;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const logTimeNs = BigInt(Date.now()) * 1_000_000n + BigInt(sent % 1000);
    const stamp = recordedStamps ? image.header.stamp : nsToStamp(logTimeNs);
    const infoCdr = cameraInfoCodec.encode({ ...info, header: { ...info.header, stamp } });
    const imageCdr = compressedImageCodec.encode({ ...image, header: { ...image.header, stamp } });
    await ros.publish({ topic: 'camera_info', cdr: infoCdr, logTimeNs });
    await ros.publish({ topic: 'image/compressed', cdr: imageCdr, logTimeNs });
    sent += 1;
    while (!answered(stampToNs(stamp))) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await reader.close();
}
await new Promise((resolve) => setTimeout(resolve, 1000));
await ros.close();
process.exit(0);
