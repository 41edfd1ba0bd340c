import { readFile } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import { TrainingError } from '../../errors.js';
import type { GrayPng } from './read-gray-png.js';
import { unreadableReason } from './unreadable-reason.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const [GRAY, PALETTE] = [0, 3];
/** Pixels that a picture may have: what is larger is a damaged header. */
const MOST_PIXELS = 2 ** 28;

/**
 * The numbers of a PNG with a palette (or of one grey channel of 8 bits), not the colours that they stand for. Decoders give
 * the colours, of which several classes may have the same.
 * @throws TrainingError naming the file when it is damaged or another kind of PNG.
 * Source: PNG specification (third edition), sections 5, 9 and 11.
 */
export async function readPalettePng(file: string): Promise<GrayPng<Uint8Array>> {
  try {
    return decode(await readFile(file));
  } catch (cause) {
    throw new TrainingError(`${file} cannot be read: ${await unreadableReason(file, cause)}.`, {
      file,
      cause,
    });
  }
}

function decode(png: Buffer): GrayPng<Uint8Array> {
  if (!SIGNATURE.every((byte, i) => png[i] === byte)) throw new TrainingError('expected a `png`');
  let header: Buffer | undefined;
  const parts: Buffer[] = [];
  for (let at = SIGNATURE.length; at + 12 <= png.length; ) {
    const length = png.readUInt32BE(at);
    const kind = png.toString('latin1', at + 4, at + 8);
    if (at + 12 + length > png.length) throw new TrainingError(`its part ${kind} is cut off`);
    const body = png.subarray(at + 8, at + 8 + length);
    if (kind === 'IHDR') header = body;
    if (kind === 'IDAT') parts.push(body);
    if (kind === 'IEND') break;
    at += 12 + length;
  }
  if (header?.length !== 13) throw new TrainingError('it has no header');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [bits = 0, colors = 0, , , interlace = 0] = header.subarray(8);
  const isKnown = (colors === PALETTE && [1, 2, 4, 8].includes(bits)) || (colors === GRAY && bits === 8);
  if (!isKnown || interlace !== 0) {
    throw new TrainingError(
      `expected a png with a \`palette\` (or 8-bit grey), not interlaced, got colour type ${colors} of ${bits} bits`,
    );
  }
  if (!(width > 0 && height > 0 && width * height <= MOST_PIXELS))
    throw new TrainingError(`its header gives a size of ${width}x${height}`);
  const rowBytes = Math.ceil((width * bits) / 8);
  const size = height * (1 + rowBytes);
  const data = inflateSync(Buffer.concat(parts), { maxOutputLength: size + 1 });
  if (data.length !== size)
    throw new TrainingError(`it has ${data.length} bytes of pixels, expected ${size}`);
  return { width, height, values: unpack(unfilter(data, rowBytes, height), width, height, bits) };
}

/** Rows without their filters; a pixel is one byte or less. */
function unfilter(data: Uint8Array, rowBytes: number, height: number): Uint8Array {
  const rows = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (rowBytes + 1)] ?? 0;
    if (filter > 4) throw new TrainingError(`row ${y} has the unknown filter ${filter}`);
    for (let x = 0; x < rowBytes; x++) {
      const at = y * rowBytes + x;
      const left = x > 0 ? (rows[at - 1] ?? 0) : 0;
      const above = y > 0 ? (rows[at - rowBytes] ?? 0) : 0;
      const corner = x > 0 && y > 0 ? (rows[at - rowBytes - 1] ?? 0) : 0;
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter] ?? 0;
      rows[at] = (data[y * (rowBytes + 1) + 1 + x] ?? 0) + guess; // modulo 256 by its type
    }
  }
  return rows;
}

function paeth(left: number, above: number, corner: number): number {
  const p = left + above - corner;
  const [a, b, c] = [Math.abs(p - left), Math.abs(p - above), Math.abs(p - corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

function unpack(rows: Uint8Array, width: number, height: number, bits: number): Uint8Array {
  if (bits === 8) return rows;
  const values = new Uint8Array(width * height);
  const rowBytes = rows.length / height;
  const mask = 2 ** bits - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * bits;
      const byte = rows[y * rowBytes + (bit >> 3)] ?? 0;
      values[y * width + x] = (byte >> (8 - bits - (bit & 7))) & mask;
    }
  }
  return values;
}
