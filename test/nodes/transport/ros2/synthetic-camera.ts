import sharp from 'sharp';
import { cameraInfoCodec } from '../../../../msgs/camera-info.js';
import { compressedImageCodec } from '../../../../msgs/compressed-image.js';
import { imageCodec } from '../../../../msgs/image.js';
import { layoutImage, writeImageAround } from '../../../../msgs/image-layout.js';
import { nsToStamp } from '../../../../msgs/stamp.js';
import { openRosNode } from '../../../../nodes/transport/ros2/open-ros-node.js';
import { LATCHED, type Reliability, SENSOR_DATA } from '../../../../nodes/transport/ros2/qos.js';
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
  /** One camera_info for all images, transient local, instead of one beside each. */
  readonly latched?: boolean;
  /** Png images on image/compressed. */
  readonly compressed?: boolean;
  /** Stamps this far in the past; default 0. */
  readonly secondsLate?: number;
}

/** `node synthetic-camera.js JSON`: a driver of rgb8 images as a process of its own, stamped with the present. */
const [json = '', ...rosArgs] = process.argv.slice(2);
const options = JSON.parse(json) as CameraOptions;
const { hz, reliability = 'best_effort', phases, latched, compressed, secondsLate = 0 } = options;
const { node, ros } = await openRosNode('camera_driver', rosArgs);
const qos = { ...SENSOR_DATA, reliability };
if (compressed) ros.announce({ topic: 'image/compressed', type: compressedImageCodec.type }, qos);
else ros.announce({ topic: 'image', type: imageCodec.type }, qos);
ros.announce({ topic: 'camera_info', type: cameraInfoCodec.type }, latched ? LATCHED : qos);
node.spin();
const nowNs = () => BigInt(Date.now()) * 1_000_000n - BigInt(secondsLate) * 1_000_000_000n;
const [first] = phases;
if (latched && first !== undefined) {
  const stampNs = nowNs();
  const { width, height } = first;
  const cdr = cameraInfoCodec.encode(testInfo({ stampNs, width, height }));
  await ros.publish({ topic: 'camera_info', cdr, logTimeNs: stampNs });
}

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
  const background = { width, height, channels: 3, background: '#808080' } as const;
  const png = compressed ? await sharp({ create: background }).png().toBuffer() : undefined;
  const endMs = dueMs + seconds * 1000;
  for (; dueMs < endMs; dueMs += 1000 / hz) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const logTimeNs = nowNs();
    const header = { stamp: nsToStamp(logTimeNs), frame_id: 'camera' };
    writeImageAround(cdr, { ...image, header });
    const info = testInfo({ stampNs: logTimeNs, width, height });
    if (!latched) await ros.publish({ topic: 'camera_info', cdr: cameraInfoCodec.encode(info), logTimeNs });
    if (png === undefined) await ros.publish({ topic: 'image', cdr, logTimeNs });
    else {
      const message = compressedImageCodec.encode({ header, format: 'png', data: png });
      await ros.publish({ topic: 'image/compressed', cdr: message, logTimeNs });
    }
    sent += 1;
  }
}
process.stdout.write(`sent ${sent}\n`);
await ros.close();
process.exit(0);
