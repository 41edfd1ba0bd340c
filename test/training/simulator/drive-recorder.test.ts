import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { quaternionOf } from '../../../msgs/camera/quaternion-of.js';
import {
  composeTransforms,
  type RigidTransform,
  transformFromPose,
} from '../../../msgs/camera/rigid-transform.js';
import { cameraInfoCodec } from '../../../msgs/camera-info.js';
import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { imageCodec } from '../../../msgs/image.js';
import { tfMessageCodec } from '../../../msgs/tf-message.js';
import { domainNamed } from '../../../training/simulator/domains.js';
import { simulateDrive } from '../../../training/simulator/drive.js';
import { drivePanel } from '../../../training/simulator/drive-panel.js';
import { DRIVE_TOPICS, DriveRecorder } from '../../../training/simulator/drive-recorder.js';

test('a recorded drive reads back with its truth, and its transforms give the poses', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-drive-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const bagFolder = path.join(folder, 'bag');
  const options = {
    domain: domainNamed('town-clean'),
    seed: 2,
    frames: 2,
    width: 160,
    height: 48,
    frameRate: 10,
  };
  const frames = [...simulateDrive(options)];
  const recorder = await DriveRecorder.create(bagFolder, { overwrite: false, startNs: 5_000_000_000n });
  for (const frame of frames) await recorder.write(frame);
  t.is(recorder.frames, 2);
  await recorder.close();

  const bag = await openBag(bagFolder);
  const seen = new Map<string, Uint8Array[]>();
  for await (const message of bag.messages()) {
    const list = seen.get(message.topic) ?? [];
    list.push(message.cdr.slice());
    seen.set(message.topic, list);
    t.true(message.logTimeNs === 5_000_000_000n || message.logTimeNs === 5_100_000_000n);
  }
  await bag.close();
  const nth = (topic: string, k: number): Uint8Array => {
    const cdr = seen.get(topic)?.[k];
    if (cdr === undefined) throw new Error(`${topic} has no message ${k}`);
    return cdr;
  };
  t.is(seen.get(DRIVE_TOPICS.tfStatic)?.length, 1);
  const mounts = tfMessageCodec.decode(nth(DRIVE_TOPICS.tfStatic, 0)).transforms;
  for (const [k, frame] of frames.entries()) {
    const info = cameraInfoCodec.decode(nth(DRIVE_TOPICS.cameraInfo, k));
    t.is(info.k[0], frame.intrinsics.fx);
    t.is(info.k[5], frame.intrinsics.cy);
    const depth = imageCodec.decode(nth(DRIVE_TOPICS.depth, k));
    t.is(depth.encoding, '32FC1');
    t.deepEqual(new Float32Array(depth.data.slice().buffer), frame.depthMeters);
    t.deepEqual(new Uint8Array(imageCodec.decode(nth(DRIVE_TOPICS.labels, k)).data), frame.labels);
    t.is(imageCodec.decode(nth(DRIVE_TOPICS.instances, k)).encoding, 'mono16');
    const jpeg = compressedImageCodec.decode(nth(DRIVE_TOPICS.image, k));
    t.deepEqual(jpeg.header.stamp, { sec: 5, nanosec: k * 100_000_000 });
    const { data, info: size } = await sharp(jpeg.data).raw().toBuffer({ resolveWithObject: true });
    t.deepEqual([size.width, size.height], [160, 48]);
    let difference = 0;
    for (let i = 0; i < data.length; i++) difference += Math.abs(data[i] - frame.rgb[i]);
    t.true(difference / data.length < 6);
    // map <- base_link <- camera_link <- camera_optical_frame
    const moving = tfMessageCodec.decode(nth(DRIVE_TOPICS.tf, k)).transforms;
    const chain = [...moving, ...mounts].map(({ transform }) =>
      transformFromPose(transform.translation, transform.rotation),
    );
    const pose = chain.reduce((a: RigidTransform, b) => composeTransforms(a, b));
    for (let i = 0; i < 16; i++) t.true(Math.abs(pose[i] - frame.worldFromCamera[i]) < 1e-6);
  }
});

test('quaternions of rotations turn back into them, whichever component is largest', (t) => {
  for (const q of [
    { x: 0.1, y: 0.2, z: 0.3, w: 0.9 },
    { x: 0.9, y: 0.1, z: -0.2, w: 0.1 },
    { x: -0.1, y: 0.95, z: 0.2, w: 0.1 },
    { x: 0.1, y: 0.1, z: 0.97, w: -0.1 },
  ]) {
    const m = transformFromPose({ x: 0, y: 0, z: 0 }, q);
    const back = transformFromPose({ x: 0, y: 0, z: 0 }, quaternionOf(m));
    for (let i = 0; i < 16; i++) t.true(Math.abs(m[i] - back[i]) < 1e-12);
  }
});

test('a panel shows camera, depth and labels below each other', (t) => {
  const [frame] = simulateDrive({
    domain: domainNamed('town-clean'),
    seed: 2,
    frames: 1,
    width: 64,
    height: 20,
    frameRate: 10,
  });
  if (frame === undefined) return t.fail();
  const panel = drivePanel(frame);
  t.is(panel.length, 3 * frame.rgb.length);
  t.deepEqual(panel.slice(0, frame.rgb.length), frame.rgb);
});
