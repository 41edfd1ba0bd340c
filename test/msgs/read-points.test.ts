import test from 'ava';
import fc from 'fast-check';
import { MessageError } from '../../msgs/errors.js';
import type { PointCloud2 } from '../../msgs/point-cloud2.js';
import { readPointField, readPoints } from '../../msgs/read-points.js';

const SIZES = [0, 1, 1, 2, 2, 4, 4, 4, 8];

function put(view: DataView, offset: number, datatype: number, value: number, little: boolean): void {
  if (datatype === 1) view.setInt8(offset, value);
  else if (datatype === 2) view.setUint8(offset, value);
  else if (datatype === 3) view.setInt16(offset, value, little);
  else if (datatype === 4) view.setUint16(offset, value, little);
  else if (datatype === 5) view.setInt32(offset, value, little);
  else if (datatype === 6) view.setUint32(offset, value, little);
  else if (datatype === 7) view.setFloat32(offset, value, little);
  else view.setFloat64(offset, value, little);
}

function cloudFrom(parts: Partial<PointCloud2>): PointCloud2 {
  const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: 'velodyne' };
  const fields = ['x', 'y', 'z'].map((name, i) => ({ name, offset: 4 * i, datatype: 7, count: 1 }));
  return {
    ...{ header, fields, height: 1, width: 2, point_step: 12, row_step: 24 },
    ...{ is_bigendian: false, is_dense: true, data: new Uint8Array(24) },
    ...parts,
  };
}

test('any order of fields, datatype, byte order, padding and memory alignment reads to the same points', (t) => {
  const layout = fc.record({
    datatypes: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 1, max: 8 }))),
    gaps: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 5 }))),
    order: fc.shuffledSubarray(['x', 'y', 'z', 'ring'], { minLength: 4 }),
    rowPadding: fc.integer({ min: 0, max: 7 }),
    shift: fc.integer({ min: 0, max: 7 }),
    bigEndian: fc.boolean(),
  });
  fc.assert(
    fc.property(layout, ({ datatypes, gaps, order, rowPadding, shift, bigEndian }) => {
      let end = 0;
      const fields = order.map((name, i) => {
        const offset = end + (gaps[i] ?? 0);
        const datatype = datatypes[i] ?? 7;
        end = offset + (SIZES[datatype] ?? 0);
        return { name, offset, datatype, count: 1 };
      });
      const [height, width] = [3, 4];
      const row_step = width * end + rowPadding;
      const data = new Uint8Array(shift + height * row_step).subarray(shift);
      const view = new DataView(data.buffer, data.byteOffset);
      for (let i = 0; i < 12; i++) {
        for (const { name, offset, datatype } of fields) {
          const value = 10 * i + 'xyzr'.indexOf(name[0] ?? ''); // fits every datatype
          const at = Math.floor(i / width) * row_step + (i % width) * end + offset;
          put(view, at, datatype, value, !bigEndian);
        }
      }
      const cloud = cloudFrom({
        ...{ fields, height, width, point_step: end, row_step, data, is_bigendian: bigEndian },
      });
      const { count, x, y, z } = readPoints(cloud);
      t.is(count, 12);
      const ring = readPointField(cloud, 'ring');
      for (let i = 0; i < 12; i++) {
        t.deepEqual([x[i], y[i], z[i], ring[i]], [10 * i, 10 * i + 1, 10 * i + 2, 10 * i + 3]);
      }
    }),
  );
});

test('times in FLOAT64 keep their precision', (t) => {
  const fields = [{ name: 'time', offset: 0, datatype: 8, count: 1 }];
  const data = new Uint8Array(new Float64Array([1317617735.123456]).buffer);
  t.is(readPointField(cloudFrom({ fields, data, width: 1, point_step: 8 }), 'time')[0], 1317617735.123456);
});

test('an empty cloud has no points, whatever its steps are', (t) => {
  const empty = cloudFrom({ width: 0, fields: [], point_step: 0, row_step: 0, data: new Uint8Array(0) });
  t.is(readPoints(empty).count, 0);
  t.is(readPointField(empty, 'intensity').length, 0);
});

test('clouds that contradict themselves are refused by the field that is wrong', (t) => {
  const refuses = (parts: Partial<PointCloud2>, message: RegExp) =>
    t.throws(() => readPoints(cloudFrom(parts)), { instanceOf: MessageError, message });
  refuses({ data: new Uint8Array(23) }, /velodyne.*`data` of 24 bytes.*got 23/);
  refuses({ height: 2, data: new Uint8Array(48), row_step: 20 }, /`row_step` of at least 24/);
  refuses({ point_step: 11 }, /`z` ends at byte 12/);
  refuses({ point_step: 0 }, /`point_step` above 0/);
  refuses({ fields: [{ name: 'range', offset: 0, datatype: 7, count: 1 }] }, /field `x`, found only: range/);
  refuses({ fields: [{ name: 'x', offset: 0, datatype: 9, count: 1 }] }, /unknown datatype 9/);
  refuses({ height: 0xffffffff, row_step: 0xffffffff }, /bytes for 4294967295 x 2/);
});
