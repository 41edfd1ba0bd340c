import { deflateSync } from 'node:zlib';

/** A real array for a MATLAB file, column major. */
export interface MatContent {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);

function element(type: number, data: Buffer): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(data.length, 4);
  return Buffer.concat([tag, padded(data)]);
}

/** An element of at most four bytes, which lie in its tag. */
function small(type: number, data: Buffer): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE((data.length << 16) | type, 0);
  data.copy(tag, 4);
  return tag;
}

const int32s = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);

/** Bytes of a MATLAB file of level 5, after MathWorks' description. `bytes`: numbers stored as uint8, as MATLAB packs small ones. */
export function matFile(arrays: readonly MatContent[], { compressed = false, bytes = false } = {}): Buffer {
  const header = Buffer.alloc(128, 0x20);
  header.write('MATLAB 5.0 MAT-file', 0, 'latin1');
  header.writeUInt16LE(0x0100, 124);
  header.write('IM', 126, 'latin1');
  const elements = arrays.map(({ name, shape, values }) => {
    const label = Buffer.from(name, 'latin1');
    const numbers = bytes
      ? element(2, Buffer.from(values))
      : element(9, Buffer.from(Float64Array.from(values).buffer));
    const whole = element(
      14,
      Buffer.concat([
        element(6, int32s(6, 0)),
        element(5, int32s(...shape)),
        label.length <= 4 ? small(1, label) : element(1, label),
        numbers,
      ]),
    );
    if (!compressed) return whole;
    const packed = deflateSync(whole);
    const tag = Buffer.alloc(8);
    tag.writeUInt32LE(15, 0);
    tag.writeUInt32LE(packed.length, 4);
    return Buffer.concat([tag, packed]);
  });
  return Buffer.concat([header, ...elements]);
}
