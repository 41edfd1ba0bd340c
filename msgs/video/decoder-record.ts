import type { VideoCodec } from './video-codec.js';

/** Where the lists of units begin. Source: ISO/IEC 14496-15, 5.3.3.1.2 and 8.3.3.1.2. */
const [AVC_LISTS, HEVC_LISTS] = [5, 22];

/**
 * The parameter sets of a decoder's configuration record: what MP4 keeps of a stream (avcC, hvcC).
 * @returns undefined for anything else
 */
export function parametersOfRecord(data: Uint8Array, codec: VideoCodec): Uint8Array[] | undefined {
  if (data[0] !== 1) return undefined;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const units: Uint8Array[] = [];
  let at = codec === 'h264' ? AVC_LISTS : HEVC_LISTS;
  const take = (count: number) => {
    for (let index = 0; index < count; index++) {
      const length = bytes.readUInt16BE(at);
      const unit = bytes.subarray(at + 2, at + 2 + length);
      if (length === 0 || unit.length < length) throw new RangeError('the record ends too early');
      units.push(unit);
      at += 2 + length;
    }
  };
  try {
    if (codec === 'h264') {
      take(bytes.readUInt8(at++) & 31);
      take(bytes.readUInt8(at++));
    } else {
      for (let left = bytes.readUInt8(at++); left > 0; left--) {
        at += 1;
        const count = bytes.readUInt16BE(at);
        at += 2;
        take(count);
      }
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return units.length > 0 ? units : undefined;
}
