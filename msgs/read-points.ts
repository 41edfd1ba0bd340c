import { MessageError } from './errors.js';
import type { PointCloud2 } from './point-cloud2.js';
import { POINT_DATATYPE, type PointField } from './point-field.js';

/** The coordinates of all points of a cloud, row by row, invalid ones (NaN) included. */
export interface PointCoordinates {
  readonly count: number;
  /** Metres in the cloud's frame. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
}

/** Reads `x`, `y` and `z` of a cloud of any layout, datatype and byte order (LiDAR drivers agree on none). */
export function readPoints(cloud: PointCloud2): PointCoordinates {
  const count = checkedCount(cloud);
  const read = (name: string) => readInto(cloud, name, new Float32Array(count));
  return { count, x: read('x'), y: read('y'), z: read('z') };
}

/** Reads one field of every point, its first number where `count` is above 1; for `intensity`, `ring`, `label`, ... */
export function readPointField(cloud: PointCloud2, name: string): Float64Array {
  return readInto(cloud, name, new Float64Array(checkedCount(cloud)));
}

type Getter = (view: DataView, offset: number, littleEndian: boolean) => number;

const READERS: ReadonlyMap<number, { bytes: number; get: Getter }> = new Map([
  [POINT_DATATYPE.INT8, { bytes: 1, get: (view: DataView, at: number) => view.getInt8(at) }],
  [POINT_DATATYPE.UINT8, { bytes: 1, get: (view: DataView, at: number) => view.getUint8(at) }],
  [POINT_DATATYPE.INT16, { bytes: 2, get: (view, at, little) => view.getInt16(at, little) }],
  [POINT_DATATYPE.UINT16, { bytes: 2, get: (view, at, little) => view.getUint16(at, little) }],
  [POINT_DATATYPE.INT32, { bytes: 4, get: (view, at, little) => view.getInt32(at, little) }],
  [POINT_DATATYPE.UINT32, { bytes: 4, get: (view, at, little) => view.getUint32(at, little) }],
  [POINT_DATATYPE.FLOAT32, { bytes: 4, get: (view, at, little) => view.getFloat32(at, little) }],
  [POINT_DATATYPE.FLOAT64, { bytes: 8, get: (view, at, little) => view.getFloat64(at, little) }],
] satisfies [number, { bytes: number; get: Getter }][]);

function readInto<T extends Float32Array | Float64Array>(cloud: PointCloud2, name: string, out: T): T {
  if (out.length === 0) return out; // empty clouds often come without fields
  const field = fieldOf(cloud, name);
  const { data, height, width, point_step, row_step, is_bigendian } = cloud;
  const reader = READERS.get(field.datatype);
  if (reader === undefined) {
    throw new MessageError(
      `${what(cloud)}: field \`${field.name}\` has unknown datatype ${field.datatype}, expected \`1\` to \`8\``,
    );
  }
  if (field.offset + reader.bytes > point_step) {
    throw new MessageError(
      `${what(cloud)}: field \`${field.name}\` ends at byte ${field.offset + reader.bytes} of a point, beyond ` +
        `\`point_step\` ${point_step}`,
    );
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const { get } = reader;
  let i = 0;
  for (let row = 0; row < height; row++) {
    let at = row * row_step + field.offset;
    for (let column = 0; column < width; column++, at += point_step) out[i++] = get(view, at, !is_bigendian);
  }
  return out;
}

function fieldOf(cloud: PointCloud2, name: string): PointField {
  const field = cloud.fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    const names = cloud.fields.map((candidate) => candidate.name).join(', ');
    throw new MessageError(`${what(cloud)}: expected a field \`${name}\`, found only: ${names || 'none'}`);
  }
  return field;
}

/** Number of points, after checking that the data hold them all; unused bytes at the very end may lack. */
function checkedCount(cloud: PointCloud2): number {
  const { data, height, width, point_step, row_step } = cloud;
  const count = height * width;
  if (count === 0) return 0;
  if (point_step === 0) throw new MessageError(`${what(cloud)}: expected \`point_step\` above 0`);
  // Some drivers leave row_step 0 in clouds of one row, where it does not matter.
  if (height > 1 && row_step < width * point_step) {
    throw new MessageError(
      `${what(cloud)}: expected \`row_step\` of at least ${width * point_step} (\`width\` ${width} times ` +
        `\`point_step\` ${point_step}), got ${row_step}`,
    );
  }
  const needed = (height - 1) * row_step + width * point_step;
  if (data.length < needed) {
    throw new MessageError(
      `${what(cloud)}: expected \`data\` of ${needed} bytes for ${height} x ${width} points, got ${data.length}`,
    );
  }
  return count;
}

function what(cloud: PointCloud2): string {
  return `point cloud in frame \`${cloud.header.frame_id}\``;
}
