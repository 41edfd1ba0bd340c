import { MessageError } from '../errors.js';
import type { PictureFormat } from './compressed-format.js';

/** What the head of a jpeg or png file says. */
export interface PictureHeader {
  readonly format: PictureFormat;
  readonly width: number;
  readonly height: number;
  /** Bits of a number. */
  readonly bits: number;
  /** Whether it has brightness only; for jpeg the decoder says so. */
  readonly grey: boolean;
  /** Whether a jpeg has four colours, those of print. */
  readonly inks: boolean;
  /** Where a jpeg's first frame header begins; its scans follow. */
  readonly frameOffset: number;
}

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const IHDR = 0x49484452;

/**
 * Reads the head of a jpeg or png file, without decoding anything.
 * @throws MessageError when the bytes are neither, or end before the size.
 */
export function pictureHeader(bytes: Uint8Array): PictureHeader {
  if (PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return pngHeader(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return jpegHeader(bytes);
  const begin = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new MessageError(
    bytes.length === 0
      ? 'the compressed image has no data'
      : `the compressed image (${bytes.length} bytes) cannot be decoded: it is no \`jpeg\` or \`png\`, its data begin with ${begin}`,
  );
}

function pngHeader(bytes: Uint8Array): PictureHeader {
  const view = viewOf(bytes);
  if (bytes.length < 26 || view.getUint32(12) !== IHDR) throw cutOff('png', bytes);
  return {
    format: 'png',
    width: view.getUint32(16),
    height: view.getUint32(20),
    bits: view.getUint8(24),
    // Colour types 0 and 4: grey without and with transparency.
    grey: (view.getUint8(25) & 3) === 0,
    inks: false,
    frameOffset: 0,
  };
}

function jpegHeader(bytes: Uint8Array): PictureHeader {
  const view = viewOf(bytes);
  let at = 2;
  while (at + 9 <= bytes.length) {
    if (bytes[at] !== 0xff)
      throw new MessageError(`the jpeg is damaged: no marker at byte ${at} of its head`);
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (isFrame(marker)) {
      const size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      const components = bytes[at + 9];
      const colours = { grey: components === 1, inks: components === 4 };
      return { format: 'jpeg', ...size, bits: view.getUint8(at + 4), ...colours, frameOffset: at };
    } else if (marker === 0xda || marker === 0xd9) {
      throw new MessageError('the jpeg is damaged: its picture begins before its size is said');
    } else at += isAlone(marker) ? 2 : 2 + view.getUint16(at + 2);
  }
  throw cutOff('jpeg', bytes);
}

/** SOF0 to SOF15 without DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Markers without a length: TEM, RST0 to RST7, SOI. */
function isAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

function cutOff(format: string, { length }: Uint8Array): MessageError {
  return new MessageError(`the ${format} of ${length} bytes ends before it says its size`);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
