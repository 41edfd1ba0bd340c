import test from 'ava';
import fc from 'fast-check';
import { MessageError } from '../../msgs/errors.js';
import { type ColorCloud, encodeColorCloud } from '../../msgs/point-cloud.js';
import { pointCloud2Codec } from '../../msgs/point-cloud2.js';
import { readPointField, readPoints } from '../../msgs/read-points.js';

const HEADER = { stamp: { sec: 5, nanosec: 6 }, frame_id: 'camera_optical' };

/** A cloud whose every number says which pixel it is of: x = u, y = v, z = 1, r = u, g = v, b = 7, label = u + v. */
function cloudOf(width: number, height: number, stride: number, padding = 0): ColorCloud {
  const [columns, rows] = [Math.ceil(width / stride), Math.ceil(height / stride)];
  const points = new Float32Array(rows * columns * 3);
  for (let i = 0; i < rows * columns; i++) {
    points.set([(i % columns) * stride, Math.floor(i / columns) * stride, 1], 3 * i);
  }
  const step = width * 4 + padding;
  const data = new Uint8Array(step * height).fill(99);
  const labels = new Uint8Array(width * height);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      data.set([7, v, u], v * step + u * 4); // bgra8
      labels[v * width + u] = u + v;
    }
  }
  const image = { data, width, height, step, bytesPerPixel: 4, channelOrder: [2, 1, 0] as const };
  return { points, labels, stride, image };
}

test('each point carries the position, colour and label of its own pixel, at any stride and row padding', (t) => {
  const sizes = fc.record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 20 }),
    stride: fc.integer({ min: 1, max: 9 }),
    padding: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(
    fc.property(sizes, ({ width, height, stride, padding }) => {
      const cloud = pointCloud2Codec.decode(
        encodeColorCloud(HEADER, cloudOf(width, height, stride, padding)),
      );
      t.is(cloud.width, Math.ceil(width / stride));
      t.is(cloud.height, Math.ceil(height / stride));
      const { count, x, y, z } = readPoints(cloud);
      t.is(count, cloud.width * cloud.height);
      const label = readPointField(cloud, 'label');
      const rgb = new DataView(cloud.data.buffer, cloud.data.byteOffset);
      for (let i = 0; i < count; i++) {
        const [u, v] = [(i % cloud.width) * stride, Math.floor(i / cloud.width) * stride];
        t.deepEqual([x[i], y[i], z[i], label[i]], [u, v, 1, u + v]);
        t.is(rgb.getUint32(i * cloud.point_step + 12, true), (u << 16) | (v << 8) | 7);
      }
    }),
    { numRuns: 40 },
  );
});

test('fields are those of PCL, aligned to their sizes, and the cloud is organised and not dense', (t) => {
  const cloud = pointCloud2Codec.decode(encodeColorCloud(HEADER, cloudOf(6, 4, 2)));
  t.deepEqual(
    cloud.fields.map(({ name, offset, datatype, count }) => [name, offset, datatype, count]),
    [
      ['x', 0, 7, 1],
      ['y', 4, 7, 1],
      ['z', 8, 7, 1],
      ['rgb', 12, 7, 1],
      ['label', 16, 2, 1],
    ],
  );
  t.is(cloud.point_step, 20);
  t.is(cloud.row_step, 60);
  t.is(cloud.is_dense, false);
  t.is(cloud.is_bigendian, false);
  t.deepEqual(cloud.header, HEADER);
});

test('the confidence of its own pixel is a field, and points with too little of it are absent', (t) => {
  const cloud = cloudOf(7, 5, 2);
  const values = Float32Array.from({ length: 7 * 5 }, (_, i) => i / 35);
  values[2 * 7 + 2] = Number.NaN;
  for (const labels of [true, false]) {
    const { labels: known, ...rest } = cloud;
    const decode = (least: number) =>
      pointCloud2Codec.decode(
        encodeColorCloud(HEADER, {
          ...{ ...rest, confidence: { values, least } },
          ...(labels && known && { labels: known }),
        }),
      );
    const whole = decode(0);
    t.is(whole.point_step, labels ? 24 : 20);
    const field = whole.fields.find(({ name }) => name === 'confidence');
    t.deepEqual(field, { name: 'confidence', offset: labels ? 20 : 16, datatype: 7, count: 1 });
    t.is(readPoints(whole).count, 12);
    const cut = decode(0.5);
    const { x } = readPoints(cut);
    const confidence = readPointField(cut, 'confidence');
    for (let i = 0; i < 12; i++) {
      const [u, v] = [(i % 4) * 2, Math.floor(i / 4) * 2];
      const value = values[v * 7 + u] ?? 0;
      t.is(confidence[i], value);
      t.is(x[i], value >= 0.5 ? u : Number.NaN);
    }
  }
});

test('without labels the cloud has no label field', (t) => {
  const { labels: _, ...cloud } = cloudOf(6, 4, 1);
  const decoded = pointCloud2Codec.decode(encodeColorCloud(HEADER, cloud));
  t.is(decoded.point_step, 16);
  t.deepEqual(
    decoded.fields.map(({ name }) => name),
    ['x', 'y', 'z', 'rgb'],
  );
  t.deepEqual([...readPoints(decoded).x.slice(0, 6)], [0, 1, 2, 3, 4, 5]);
});

test('absent points stay NaN', (t) => {
  const cloud = cloudOf(2, 1, 1);
  cloud.points.fill(Number.NaN, 3);
  const { x, z } = readPoints(pointCloud2Codec.decode(encodeColorCloud(HEADER, cloud)));
  t.deepEqual([...x, ...z], [0, Number.NaN, 1, Number.NaN]);
});

test('mono images give grey points', (t) => {
  const image = {
    ...{ data: new Uint8Array([10, 200]), height: 1, width: 2, step: 2, bytesPerPixel: 1 },
    channelOrder: [0, 0, 0] as const,
  };
  const bytes = encodeColorCloud(HEADER, { points: new Float32Array(6), stride: 1, image });
  const { data } = pointCloud2Codec.decode(bytes);
  t.deepEqual([...data.subarray(12, 16), ...data.subarray(28, 32)], [10, 10, 10, 0, 200, 200, 200, 0]);
});

test('a buffer of the same size is used again, and nothing of its old content remains', (t) => {
  const first = encodeColorCloud(HEADER, cloudOf(6, 4, 1));
  const fresh = first.slice();
  new Uint8Array(first.buffer).fill(0xee);
  const second = encodeColorCloud(HEADER, cloudOf(6, 4, 1), first.buffer as ArrayBuffer);
  t.is(second.buffer, first.buffer);
  t.deepEqual(second, fresh);
});

test('inputs whose sizes disagree are refused by name', (t) => {
  const cloud = cloudOf(6, 4, 2);
  const refuses = (changes: Partial<ColorCloud>, message: RegExp) =>
    t.throws(() => encodeColorCloud(HEADER, { ...cloud, ...changes }), { instanceOf: MessageError, message });
  refuses({ points: new Float32Array(3) }, /`points` \[2, 3, 3\]/);
  refuses({ labels: new Uint8Array(23) }, /`labels` of 24, got 23/);
  refuses({ stride: 0 }, /`stride`/);
  refuses({ image: { ...cloud.image, step: 8 } }, /`image.step` of 24, got 8/);
  refuses({ image: { ...cloud.image, data: new Uint8Array(10) } }, /`image.data`/);
});
