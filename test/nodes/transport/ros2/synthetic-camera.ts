import sharp from 'sharp';
import { cameraInfoCodec } from '../../../../msgs/camera-info.js';
import { compressedImageCodec } from '../../../../msgs/compressed-image.js';
import { imageCodec } from '../../../../msgs/image.js';
import { layoutImage, writeImageAround } from '../../../../msgs/image-layout.js';
import { nsToStamp } from '../../../../msgs/stamp.js';
import { type TransformStamped, tfMessageCodec } from '../../../../msgs/tf-message.js';
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
  /** Stamps of camera_info before those of its image; default 0. */
  readonly infoSecondsEarly?: number;
  /** Focal length in pixels; default 50, which is no camera's for large images. Not for `latched`. */
  readonly focal?: number;
  /** Another focal length with each image. */
  readonly zooms?: boolean;
  /** Where the camera is, for /tf_static. */
  readonly mount?: TransformStamped;
}

/** `node synthetic-camera.js JSON`: a driver of rgb8 images as a process of its own, stamped with the present. */
const [json = '', ...rosArgs] = process.argv.slice(2);
const options = JSON.parse(json) as CameraOptions;
const { hz, reliability = 'best_effort', phases, latched, compressed, secondsLate = 0 } = options;
const { focal: widest = 50, infoSecondsEarly = 0, zooms = false, mount } = options;
const { node, ros } = await openRosNode('camera_driver', rosArgs);
const qos = { ...SENSOR_DATA, reliability };
if (compressed) ros.announce({ topic: 'image/compressed', type: compressedImageCodec.type }, qos);
else ros.announce({ topic: 'image', type: imageCodec.type }, qos);
ros.announce({ topic: 'camera_info', type: cameraInfoCodec.type }, latched ? LATCHED : qos);
if (mount !== undefined) ros.announce({ topic: '/tf_static', type: tfMessageCodec.type }, LATCHED);
node.spin();
const nowNs = () => BigInt(Date.now()) * 1_000_000n - BigInt(secondsLate) * 1_000_000_000n;
if (mount !== undefined) {
  const cdr = tfMessageCodec.encode({ transforms: [mount] });
  await ros.publish({ topic: '/tf_static', cdr, logTimeNs: nowNs() });
}
const [first] = phases;
if (latched && first !== undefined) {
  const stampNs = nowNs();
  const { width, height } = first;
  const cdr = cameraInfoCodec.encode(testInfo({ stampNs, width, height }));
  await ros.publish({ topic: 'camera_info', cdr, logTimeNs: stampNs });
}

/** Squares of eight pixels in shades of grey. */
function shade(byte: number, step: number): number {
  const [row, column] = [Math.floor(byte / step), Math.floor((byte % step) / 3)];
  return ((row >> 3) * 83 + (column >> 3) * 151) & 255;
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
  for (let index = dataOffset; index < byteLength; index++) cdr[index] = shade(index - dataOffset, step);
  const background = { width, height, channels: 3, background: '#808080' } as const;
  const png = compressed ? await sharp({ create: background }).png().toBuffer() : undefined;
  const endMs = dueMs + seconds * 1000;
  for (; dueMs < endMs; dueMs += 1000 / hz) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const logTimeNs = nowNs();
    const header = { stamp: nsToStamp(logTimeNs), frame_id: 'camera' };
    writeImageAround(cdr, { ...image, header });
    const stampNs = logTimeNs - BigInt(infoSecondsEarly * 1e9);
    const { k, p, ...others } = testInfo({ stampNs, width, height });
    const focal = zooms ? widest + (sent % 7) : widest;
    const [cx = 0, cy = 0] = [k[2], k[5]];
    const rectified = zooms ? p : [focal, 0, cx, 0, 0, focal, cy, 0, 0, 0, 1, 0];
    const info = { ...others, k: [focal, 0, cx, 0, focal, cy, 0, 0, 1], p: rectified };
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
