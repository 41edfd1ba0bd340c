import { openBag } from '../../../../msgs/bag/open-bag.js';
import type { CameraInfo } from '../../../../msgs/camera-info.js';
import { cameraInfoCodec } from '../../../../msgs/camera-info.js';
import { type CompressedImage, compressedImageCodec } from '../../../../msgs/compressed-image.js';
import { nsToStamp } from '../../../../msgs/stamp.js';
import { openRosNode } from '../../../../nodes/transport/ros2/open-ros-node.js';
import { SENSOR_DATA } from '../../../../nodes/transport/ros2/qos.js';

/**
 * `node bag-publisher.js BAG IMAGE_TOPIC INFO_TOPIC HZ FRAMES`: a camera driver as a process of its own, which publishes a
 * recording's images at a rate, stamped with the present, over and over until so many frames are out.
 */
const [bag = '', imageTopic = '', infoTopic = '', hz = '10', frames = '0', ...rosArgs] =
  process.argv.slice(2);
const { node, ros } = await openRosNode('camera_driver', rosArgs);
ros.announce({ topic: 'image/compressed', type: compressedImageCodec.type }, SENSOR_DATA);
ros.announce({ topic: 'camera_info', type: cameraInfoCodec.type }, SENSOR_DATA);
node.spin();

let info: CameraInfo | undefined;
let sent = 0;
let dueMs = performance.now();
while (sent < Number(frames)) {
  const reader = await openBag(bag);
  for await (const { topic, cdr } of reader.messages({ topics: [imageTopic, infoTopic] })) {
    if (topic === infoTopic) {
      info = cameraInfoCodec.decode(cdr);
      continue;
    }
    if (info === undefined || sent >= Number(frames)) continue;
    const image: CompressedImage = compressedImageCodec.decode(cdr);
    dueMs += 1000 / Number(hz);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const logTimeNs = BigInt(Date.now()) * 1_000_000n + BigInt(sent % 1000);
    const stamp = nsToStamp(logTimeNs);
    const infoCdr = cameraInfoCodec.encode({ ...info, header: { ...info.header, stamp } });
    const imageCdr = compressedImageCodec.encode({ ...image, header: { ...image.header, stamp } });
    await ros.publish({ topic: 'camera_info', cdr: infoCdr, logTimeNs });
    await ros.publish({ topic: 'image/compressed', cdr: imageCdr, logTimeNs });
    sent += 1;
  }
  await reader.close();
}
await new Promise((resolve) => setTimeout(resolve, 1000));
await ros.close();
process.exit(0);
