import { deflateSync } from 'node:zlib';

/** A PNG whose palette gives number n the grey (7 n) % 256, each row filtered as `filterOf` says. */
export function palettePng(
  values: Uint8Array,
  width: number,
  bits: 1 | 2 | 4 | 8,
  filterOf: (row: number) => number,
): Buffer {
  const height = values.length / width;
  const rowBytes = Math.ceil((width * bits) / 8);
  const raw = Buffer.alloc(rowBytes * height);
  for (const [i, value] of values.entries()) {
    const [x, y] = [i % width, Math.floor(i / width)];
    raw[y * rowBytes + ((x * bits) >> 3)] |= value << (8 - bits - ((x * bits) & 7));
  }
  const filtered = Buffer.alloc((rowBytes + 1) * height);
  for (let y = 0; y < height; y++) {
    filtered[y * (rowBytes + 1)] = filterOf(y);
    for (let x = 0; x < rowBytes; x++) {
      const at = (dy: number, dx: number) =>
        y - dy < 0 || x - dx < 0 ? 0 : (raw[(y - dy) * rowBytes + x - dx] ?? 0);
      const [left, above, corner] = [at(0, 1), at(1, 0), at(1, 1)];
      const guess =
        [0, left, above, Math.floor((left + above) / 2), paeth(left, above, corner)][filterOf(y)] ?? 0;
      filtered[y * (rowBytes + 1) + 1 + x] = at(0, 0) - guess;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, 3, 0, 0, 0], 8);
  const palette = Buffer.from(
    Array.from({ length: 2 ** bits }, (_, n) => Array(3).fill((n * 7) % 256)).flat(),
  );
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    part('IHDR', header),
    part('PLTE', palette),
    part('IDAT', deflateSync(filtered)),
    part('IEND', Buffer.alloc(0)),
  ]);
}

function paeth(a: number, b: number, c: number): number {
  const distances = [a, b, c].map((value) => Math.abs(a + b - c - value));
  const least = Math.min(...distances);
  return [a, b, c][distances.indexOf(least)] ?? 0;
}

function part(kind: string, body: Buffer): Buffer {
  const whole = Buffer.concat([Buffer.from(kind, 'latin1'), body]);
  const result = Buffer.alloc(whole.length + 8);
  result.writeUInt32BE(body.length, 0);
  whole.copy(result, 4);
  result.writeUInt32BE(checksum(whole), whole.length + 4);
  return result;
}

/** CRC-32 of ISO 3309. */
function checksum(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
