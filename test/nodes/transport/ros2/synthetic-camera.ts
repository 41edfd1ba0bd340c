import { cameraInfoCodec } from '../../../../msgs/camera-info.js';
import { imageCodec } from '../../../../msgs/image.js';
import { layoutImage, writeImageAround } from '../../../../msgs/image-layout.js';
import { nsToStamp } from '../../../../msgs/stamp.js';
import { openRosNode } from '../../../../nodes/transport/ros2/open-ros-node.js';
import { type Reliability, SENSOR_DATA } from '../../../../nodes/transport/ros2/qos.js';
import { testInfo } from '../../test-messages.js';

/** What the camera does, one phase after the other. */
export interface CameraPhase {
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
}

export interface CameraOptions {
  readonly hz: number;
  readonly reliability?: Reliability;
  readonly phases: readonly CameraPhase[];
}

/** `node synthetic-camera.js JSON`: a driver of rgb8 images as a process of its own, stamped with the present. */
const [json = '', ...rosArgs] = process.argv.slice(2);
const { hz, reliability = 'best_effort', phases } = JSON.parse(json) as CameraOptions;
const { node, ros } = await openRosNode('camera_driver', rosArgs);
const qos = { ...SENSOR_DATA, reliability };
ros.announce({ topic: 'image', type: imageCodec.type }, qos);
ros.announce({ topic: 'camera_info', type: cameraInfoCodec.type }, qos);
node.spin();

let dueMs = performance.now();
let sent = 0;
for (const { seconds, width, height } of phases) {
  const step = width * 3;
  const image = { height, width, encoding: 'rgb8', is_bigendian: 0, step } as const;
  const { byteLength, dataOffset } = layoutImage(
    { frame_id: 'camera', encoding: 'rgb8' },
    height,
    width,
    step,
  );
  const cdr = Buffer.alloc(byteLength);
  for (let index = dataOffset; index < byteLength; index++) cdr[index] = (index * 7919) >> 6;
  const endMs = dueMs + seconds * 1000;
  for (; dueMs < endMs; dueMs += 1000 / hz) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const logTimeNs = BigInt(Date.now()) * 1_000_000n;
    const header = { stamp: nsToStamp(logTimeNs), frame_id: 'camera' };
    writeImageAround(cdr, { ...image, header });
    const info = testInfo({ stampNs: logTimeNs, width, height });
    await ros.publish({ topic: 'camera_info', cdr: cameraInfoCodec.encode(info), logTimeNs });
    await ros.publish({ topic: 'image', cdr, logTimeNs });
    sent += 1;
  }
}
process.stdout.write(`sent ${sent}\n`);
await ros.close();
process.exit(0);
