import { MessageError } from '../../../msgs/errors.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { POINT_DATATYPE } from '../../../msgs/point-field.js';
import { CLOUD_UNIT_METERS, NO_POINT } from '../page-protocol.js';
import type { Preview } from './preview.js';

/** Points beyond are left out evenly. */
const MOST_POINTS = 120_000;
/** Bytes of a point: x, y, z of two bytes, red, green, blue, class. */
const POINT_BYTES = 10;

/**
 * A cloud in centimetres: int16 x, y, z of every point, then its colour and class, in rows as it is organised.
 * @throws MessageError when the cloud has no x, y, z of 32 bits.
 */
export function cloudPreview(cdr: Uint8Array): Preview {
  const cloud = pointCloud2Codec.decode(cdr);
  const { data, point_step, row_step, is_bigendian } = cloud;
  const offset = (name: string, datatype: number) =>
    cloud.fields.find((field) => field.name === name && field.datatype === datatype)?.offset;
  const [x, y, z] = ['x', 'y', 'z'].map((name) => offset(name, POINT_DATATYPE.FLOAT32));
  const count = cloud.width * cloud.height;
  if (count > 0 && (x === undefined || y === undefined || z === undefined))
    throw new MessageError('the cloud has no fields x, y and z of FLOAT32');
  const needed = count === 0 ? 0 : (cloud.height - 1) * row_step + cloud.width * point_step;
  const outside = cloud.fields.some((field) => field.offset + 4 > point_step && field.name !== 'label');
  if (data.length < needed || (outside && count > 0))
    throw new MessageError(`the cloud's ${data.length} bytes are too few for ${count} points`);
  const rgb = offset('rgb', POINT_DATATYPE.FLOAT32) ?? offset('rgb', POINT_DATATYPE.UINT32);
  const label = offset('label', POINT_DATATYPE.UINT8);
  const every = Math.max(1, Math.ceil(Math.sqrt(count / MOST_POINTS)));
  const rowsEvery = cloud.height > 1 ? every : 1;
  const columnsEvery = cloud.height > 1 ? every : every * every;
  const width = Math.ceil(cloud.width / columnsEvery);
  const height = Math.ceil(cloud.height / rowsEvery);
  const payload = new Uint8Array(width * height * POINT_BYTES);
  const xyz = new Int16Array(payload.buffer, 0, width * height * 3);
  const colours = payload.subarray(width * height * 6);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const little = !is_bigendian;
  let point = 0;
  for (let row = 0; row < cloud.height; row += rowsEvery) {
    for (let column = 0; column < cloud.width; column += columnsEvery, point++) {
      const at = row * row_step + column * point_step;
      // Checked above: a cloud with points has all three.
      const depth = view.getFloat32(at + (z as number), little) / CLOUD_UNIT_METERS;
      if (!(Math.abs(depth) < 32767)) {
        xyz[point * 3] = NO_POINT;
        continue;
      }
      xyz[point * 3] = limited(view.getFloat32(at + (x as number), little));
      xyz[point * 3 + 1] = limited(view.getFloat32(at + (y as number), little));
      xyz[point * 3 + 2] = depth;
      const colour = rgb === undefined ? 0xffffff : view.getUint32(at + rgb, little);
      colours[point * 4] = colour >>> 16;
      colours[point * 4 + 1] = colour >>> 8;
      colours[point * 4 + 2] = colour;
      colours[point * 4 + 3] = label === undefined ? 255 : view.getUint8(at + label);
    }
  }
  return {
    head: { format: 'cloud', width, height, organised: cloud.height > 1, hasColours: rgb !== undefined },
    payload,
  };
}

function limited(meters: number): number {
  return Math.max(-32767, Math.min(32767, Math.round(meters / CLOUD_UNIT_METERS)));
}
