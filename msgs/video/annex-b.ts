import { parametersOfRecord } from './decoder-record.js';
import { isAnnexB } from './nal-units.js';
import type { VideoCodec } from './video-codec.js';

const START = Buffer.from([0, 0, 0, 1]);
/** Bytes of a unit's length. Source: ISO/IEC 14496-15, lengthSizeMinusOne. */
const LENGTHS = [4, 2] as const;

export interface AnnexB {
  readonly data: Uint8Array;
  /** Whether lengths stood in place of start codes, as in MP4. */
  readonly hadLengths: boolean;
}

/**
 * A packet with start codes, whichever way its units are kept: with start codes, behind their lengths, or, of parameter sets alone, in
 * a decoder's configuration record (avcC, hvcC).
 * @param hadLengths of the packet before it: a length may look like a start code
 * @returns undefined for none of these
 */
export function toAnnexB(data: Uint8Array, codec: VideoCodec, hadLengths: boolean): AnnexB | undefined {
  const hasStart = isAnnexB(data);
  for (const bytes of LENGTHS) {
    const units = unitsBehindLengths(data, codec, bytes);
    // 00 00 01 xx is a length of 256 to 511 as well. Several lengths that lead to the very end are no chance.
    if (units !== undefined && (hadLengths || !hasStart || units.length > 1))
      return { data: joined(units), hadLengths: true };
  }
  if (hasStart) return { data, hadLengths: false };
  const parameters = parametersOfRecord(data, codec);
  return parameters === undefined ? undefined : { data: joined(parameters), hadLengths: true };
}

const joined = (units: readonly Uint8Array[]) => Buffer.concat(units.flatMap((unit) => [START, unit]));

/** Undefined unless lengths lead exactly to the end, by units that can be. */
function unitsBehindLengths(data: Uint8Array, codec: VideoCodec, bytes: number): Uint8Array[] | undefined {
  const view = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const units: Uint8Array[] = [];
  let at = 0;
  while (at + bytes < view.length) {
    const length = view.readUIntBE(at, bytes);
    at += bytes;
    const unit = view.subarray(at, at + length);
    if (unit.length < length || !canBe(unit, codec)) return undefined;
    units.push(unit);
    at += length;
  }
  return at === view.length && units.length > 0 ? units : undefined;
}

/** forbidden_zero_bit is 0, and the type one that a stream holds. Source: ITU-T H.264, 7.3.1; H.265, 7.3.1.2. */
function canBe(unit: Uint8Array, codec: VideoCodec): boolean {
  const [first = 0x80, second = 0] = unit;
  if (first >= 0x80) return false;
  if (codec === 'h264') return (first & 31) >= 1 && (first & 31) <= 21;
  return first >> 1 <= 40 && (second & 7) !== 0;
}
