import { nalUnits } from './nal-units.js';

const START = Buffer.from([0, 0, 0, 1]);
/** Behind a slice that is cut short a decoder finds zeros, or the next start code. */
const TAIL = Buffer.alloc(64, 0xff);

/**
 * A packet of H.265 with other bytes than zeros behind its slices. The coded data itself says where a slice ends
 * (end_of_slice_segment_flag, 7.3.8.1), so that they change nothing, unless it was cut short.
 */
export function withTails(data: Uint8Array): Uint8Array {
  return Buffer.concat(
    nalUnits(data).flatMap((unit) => (isSlice(unit) ? [START, unit, TAIL] : [START, unit])),
  );
}

/** Source: ITU-T H.265, table 7-1. */
const isSlice = (unit: Uint8Array) => (((unit[0] ?? 0) >> 1) & 63) < 32;
