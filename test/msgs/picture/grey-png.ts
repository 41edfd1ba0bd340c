import { inflateSync } from 'node:zlib';

/**
 * The numbers of a grey PNG without interlace, read by hand. Source: PNG (third edition), 5 and 9.
 * @throws Error for others
 */
export function greyPng(png: Uint8Array): { width: number; height: number; bits: number; numbers: number[] } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const parts: Uint8Array[] = [];
  let [width, height, bits] = [0, 0, 0];
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    const type = Buffer.from(png.subarray(at + 4, at + 8)).toString('latin1');
    if (type === 'IHDR') {
      [width, height, bits] = [view.getUint32(at + 8), view.getUint32(at + 12), view.getUint8(at + 16)];
      if (view.getUint8(at + 17) !== 0 || view.getUint8(at + 20) !== 0)
        throw new Error('not grey, or interlaced');
    }
    if (type === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const bytes = bits / 8;
  const step = width * bytes;
  const rows = Buffer.alloc(step * height);
  for (let row = 0; row < height; row++) {
    const filter = raw[row * (step + 1)];
    for (let at = 0; at < step; at++) {
      const left = at < bytes ? 0 : (rows[row * step + at - bytes] ?? 0);
      const up = row === 0 ? 0 : (rows[(row - 1) * step + at] ?? 0);
      const corner = at < bytes || row === 0 ? 0 : (rows[(row - 1) * step + at - bytes] ?? 0);
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      rows[row * step + at] = ((raw[row * (step + 1) + 1 + at] ?? 0) + guess) & 255;
    }
  }
  const numbers = Array.from({ length: width * height }, (_, index) =>
    bytes === 2 ? rows.readUInt16BE(2 * index) : (rows[index] ?? 0),
  );
  return { width, height, bits, numbers };
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(estimate - value)) as [number, number, number];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
