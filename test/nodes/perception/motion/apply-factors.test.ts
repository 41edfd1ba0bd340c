import test from 'ava';
import { imageCodec } from '../../../../msgs/image.js';
import { layoutImage, writeImageAround } from '../../../../msgs/image-layout.js';
import { encodeColorCloud } from '../../../../msgs/point-cloud.js';
import { pointCloud2Codec } from '../../../../msgs/point-cloud2.js';
import { readPoints } from '../../../../msgs/read-points.js';
import { applyToDepth, applyToPoints } from '../../../../nodes/perception/motion/apply-factors.js';
import type { DepthFactors } from '../../../../nodes/perception/motion/depth-factors.js';

const HEADER = { stamp: { sec: 1, nanosec: 2 }, frame_id: 'camera' };
const [HEIGHT, WIDTH] = [4, 8];

/** Four nodes on the middles of pixels 0, 2, 4, 6 of a row of eight: 1, 1.2, 1.4, 1.6; the same in every row. */
const FACTORS: DepthFactors = {
  ...{ height: 2, width: 4, values: Float32Array.of(1, 1.2, 1.4, 1.6, 1, 1.2, 1.4, 1.6) },
  ...{ nodesAcross: WIDTH / 2, nodesDown: HEIGHT / 2, left: -0.25, top: -0.25 },
};
/** Half way between nodes lies half of both; beyond the last it stays. */
const EXPECTED = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.6];
const near = (a: number, b: number) => Math.abs(a - b) < 1e-5;

/** A message as the engine makes it, with its data where floats may lie. */
function imageOf(encoding: string, data: Float32Array | Uint16Array): Uint8Array {
  const step = data.byteLength / HEIGHT;
  const layout = layoutImage({ frame_id: HEADER.frame_id, encoding }, HEIGHT, WIDTH, step);
  const buffer = new ArrayBuffer(layout.bufferOffset + layout.byteLength);
  const message = new Uint8Array(buffer, layout.bufferOffset, layout.byteLength);
  const rest = { header: HEADER, height: HEIGHT, width: WIDTH, encoding, is_bigendian: 0, step } as const;
  writeImageAround(message, rest);
  message.set(new Uint8Array(data.buffer), layout.dataOffset);
  return message;
}

test('depth in metres is multiplied between the nodes; the sky and holes stay', (t) => {
  const depth = new Float32Array(HEIGHT * WIDTH).fill(10);
  depth[9] = Number.POSITIVE_INFINITY;
  depth[10] = Number.NaN;
  const message = imageOf('32FC1', depth);
  applyToDepth(message, FACTORS);
  const out = new Float32Array(imageCodec.decode(message).data.slice().buffer);
  for (let x = 0; x < WIDTH; x++) t.true(near(out[x] ?? 0, 10 * (EXPECTED[x] ?? 0)), `${x}: ${out[x]}`);
  t.is(out[9], Number.POSITIVE_INFINITY);
  t.is(out[10], Number.NaN);
  t.deepEqual(imageCodec.decode(message).header, HEADER);
});

test('millimetres are rounded; 0 stays 0, and so becomes what no longer fits', (t) => {
  const depth = new Uint16Array(HEIGHT * WIDTH).fill(1003);
  depth[8] = 0;
  depth[15] = 60_000;
  const message = imageOf('16UC1', depth);
  applyToDepth(message, FACTORS);
  const out = new Uint16Array(imageCodec.decode(message).data.slice().buffer);
  t.is(out[1], Math.round(1003 * 1.1));
  t.is(out[8], 0);
  t.is(out[15], 0);
});

test('points move along their rays with the depth of their pixels', (t) => {
  const data = new Uint8Array(HEIGHT * WIDTH * 3);
  const image = { data, height: HEIGHT, width: WIDTH, step: WIDTH * 3, bytesPerPixel: 3 };
  const points = Float32Array.from({ length: 2 * 4 * 3 }, (_, i) => [1, 2, 4][i % 3] ?? 0);
  const cdr = encodeColorCloud(HEADER, {
    ...{ points, stride: 2, image: { ...image, channelOrder: [0, 1, 2] } },
    labels: new Uint8Array(HEIGHT * WIDTH),
  });
  applyToPoints(cdr, FACTORS, { height: HEIGHT, width: WIDTH, stride: 2 });
  const { x, y, z } = readPoints(pointCloud2Codec.decode(cdr));
  for (let i = 0; i < 8; i++) {
    const factor = EXPECTED[2 * (i % 4)] ?? 0;
    t.true(near(x[i] ?? 0, factor) && near(y[i] ?? 0, 2 * factor) && near(z[i] ?? 0, 4 * factor), `${i}`);
  }
});
