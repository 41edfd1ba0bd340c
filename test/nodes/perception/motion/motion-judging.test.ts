import test from 'ava';
import { CITYSCAPES_CLASSES } from '../../../../models/class-table.js';
import { laserScanCodec } from '../../../../msgs/laser-scan.js';
import { encodeColorCloud } from '../../../../msgs/point-cloud.js';
import { pointCloud2Codec } from '../../../../msgs/point-cloud2.js';
import { readPointField, readPoints } from '../../../../msgs/read-points.js';
import { MotionJudging } from '../../../../nodes/perception/motion/motion-judging.js';
import type { MotionRequest } from '../../../../nodes/perception/motion/motion-protocol.js';
import { domainNamed } from '../../../../training/simulator/domains.js';
import { simulateDrive } from '../../../../training/simulator/drive.js';
import type { SimulatedFrame } from '../../../../training/simulator/frame.js';

const SIZE = { width: 320, height: 104 };
const STRIDE = 4;
const CLASSES = CITYSCAPES_CLASSES.map(({ name, color, dynamic }) => ({
  ...{ name, dynamic, color: [...color] as [number, number, number] },
}));

/** A frame of the simulator as the engine would hand it over, its depth and labels being the true ones. */
function requestOf(
  { stampNs, rgb, depthMeters, labels, intrinsics }: SimulatedFrame,
  first: boolean,
): MotionRequest {
  const { width, height } = SIZE;
  const { fx, fy, cx, cy } = intrinsics;
  const points: number[] = [];
  for (let v = 0; v < height; v += STRIDE)
    for (let u = 0; u < width; u += STRIDE) {
      const z = depthMeters[v * width + u] as number;
      if (Number.isFinite(z)) points.push(((u - cx) / fx) * z, ((v - cy) / fy) * z, z);
      else points.push(Number.NaN, Number.NaN, Number.NaN);
    }
  const header = { stamp: { sec: 1, nanosec: 0 }, frame_id: 'camera' };
  const image = { ...SIZE, data: rgb, step: 3 * width, bytesPerPixel: 3, channelOrder: [0, 1, 2] as const };
  return {
    ...{ id: 0, header, stampNs, ...SIZE, intrinsics, scale: 1, metersPerUnit: 1 },
    maps: { ...SIZE, image: rgb, depth: depthMeters, labels, pointStride: STRIDE },
    ...(first && { classes: CLASSES }),
    points: encodeColorCloud(header, { points: Float32Array.from(points), labels, stride: STRIDE, image }),
    obstacles: { lowest: 0.3, highest: 2, range: 15, sector: { least: -0.7, most: 0.7 } },
  };
}

test('the motion and the obstacles of a simulated drive are told, by true depth and labels', (t) => {
  const frames = [
    ...simulateDrive({ domain: domainNamed('highway'), seed: 12, frames: 2, frameRate: 10, ...SIZE }),
  ];
  const judging = new MotionJudging();
  const [first, second] = frames.map((frame, i) => judging.judge(requestOf(frame, i === 0)));
  const [from, to] = frames.map(({ worldFromCamera: m }) => [m[3] ?? 0, m[7] ?? 0, m[11] ?? 0]);
  const travelled = Math.hypot(...(to ?? []).map((value, i) => value - (from?.[i] ?? 0)));
  t.is(first?.ego, undefined);
  const [, , , x = 0, , , , y = 0, , , , z = 0] = second?.ego?.earlierFromLater ?? [];
  t.true(Math.abs(Math.hypot(x, y, z) / travelled - 1) < 0.05);
  t.is(second?.ego?.covariance.length, 36);
  // Nothing that is told is ground, and all of it is as high as was asked, over the camera's true height.
  const cloud = pointCloud2Codec.decode(second?.obstacles?.obstacles ?? new Uint8Array());
  t.true(cloud.width > 20, String(cloud.width));
  t.true(readPointField(cloud, 'label').every((label) => label !== 0));
  const up = frames[1]?.cameraHeightMeters ?? 0;
  const { x: right, y: down, z: ahead } = readPoints(cloud);
  // The camera's lean is at most a few degrees.
  t.true(down.every((value, i) => up - value > 0.3 - 0.1 * (ahead[i] as number)));
  const scan = laserScanCodec.decode(second?.obstacles?.scan ?? new Uint8Array());
  const nearest = Math.min(...Array.from(scan.ranges).filter((range) => Number.isFinite(range)));
  const distances = Array.from(ahead, (value, i) => Math.hypot(value, right[i] as number));
  t.true(Math.abs(nearest - Math.min(...distances)) < 0.5, `${nearest} ${Math.min(...distances)}`);
});
