import { RbspBits } from './rbsp-bits.js';

/** Most bytes of a unit that are looked at; larger ones are left to the decoder. */
const MOST_BYTES = 1 << 16;

/** Supplemental messages of a NAL unit: their types, and where the payload of each begins. */
export interface SeiMessages {
  readonly messages: readonly { readonly type: number; readonly payload: RbspBits }[];
  /** The last of them is longer than the unit, as some cameras send them. */
  readonly cut: boolean;
}

/** Source: ITU-T H.264, 7.3.2.3.1; H.265, 7.3.5. @param skip bytes of the NAL unit's header */
export function seiMessages(unit: Uint8Array, skip: number): SeiMessages {
  const bits = new RbspBits(unit, skip, MOST_BYTES);
  const number = () => {
    let value = 0;
    let byte = 255;
    while (byte === 255) {
      byte = bits.bits(8);
      value += byte;
    }
    return value;
  };
  const messages: { readonly type: number; readonly payload: RbspBits }[] = [];
  try {
    // Each message has two bytes at least, and the unit ends with one that is none.
    while (bits.left > 2 * 8) {
      const type = number();
      const size = number();
      if (size * 8 > bits.left) return { messages, cut: unit.length <= MOST_BYTES };
      messages.push({ type, payload: bits.fork() });
      bits.skip(size * 8);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { messages, cut: true };
  }
  return { messages, cut: false };
}
