import { nalUnits } from './nal-units.js';
import { seiMessages } from './sei-messages.js';
import type { VideoCodec } from './video-codec.js';

/** nal_unit_type of them. Source: ITU-T H.264, table 7-1; H.265, table 7-1. */
const SEI = {
  h264: { typeOf: (header: number) => header & 31, types: [6], headerBytes: 1 },
  h265: { typeOf: (header: number) => (header >> 1) & 63, types: [39, 40], headerBytes: 2 },
} as const satisfies Readonly<Record<VideoCodec, unknown>>;
const START = Buffer.from([0, 0, 0, 1]);

/**
 * A packet without supplemental units that are cut off. Some cameras send them, they say nothing of the picture, and a
 * decoder that refuses damage would refuse the frame with them.
 */
export function withoutCutSei(data: Uint8Array, codec: VideoCodec): Uint8Array {
  const units = nalUnits(data);
  const sound = units.filter((unit) => {
    const { typeOf, headerBytes } = SEI[codec];
    const types: readonly number[] = SEI[codec].types;
    return !types.includes(typeOf(unit[0] ?? 0)) || !seiMessages(unit, headerBytes).cut;
  });
  return sound.length === units.length ? data : Buffer.concat(sound.flatMap((unit) => [START, unit]));
}
