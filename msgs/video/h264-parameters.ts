import type { RbspBits } from './rbsp-bits.js';

/** What a slice's header cannot be read without. */
export interface H264Parameters {
  /** frame_num counts up to this. */
  readonly maxFrameNum: number;
  readonly separatePlanes: boolean;
  readonly framesOnly: boolean;
  /** pic_order_cnt_lsb counts up to this; undefined where slices do not hold it. */
  readonly maxOrder: number | undefined;
}

/** Profiles whose parameter sets say how chroma lies. */
const WITH_CHROMA = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/** A sequence parameter set and its id. Source: ITU-T H.264, 7.3.2.1.1. @throws RangeError where it is cut off */
export function h264Parameters(bits: RbspBits): { readonly id: number } & H264Parameters {
  const profile = bits.bits(8);
  bits.bits(16);
  const id = bits.unsigned();
  let separatePlanes = false;
  if (WITH_CHROMA.includes(profile)) {
    const chroma = bits.unsigned();
    if (chroma === 3) separatePlanes = bits.flag();
    bits.unsigned();
    bits.unsigned();
    bits.flag();
    if (bits.flag()) {
      for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) {
        if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
      }
    }
  }
  const maxFrameNum = 2 ** (bits.unsigned() + 4);
  const orderType = bits.unsigned();
  let maxOrder: number | undefined;
  if (orderType === 0) maxOrder = 2 ** (bits.unsigned() + 4);
  else if (orderType === 1) {
    bits.flag();
    bits.signed();
    bits.signed();
    const cycle = bits.unsigned();
    if (cycle > 255) throw new RangeError('the parameter set holds no number here');
    for (let index = 0; index < cycle; index++) bits.signed();
  }
  bits.unsigned();
  bits.flag();
  bits.unsigned();
  bits.unsigned();
  return { id, maxFrameNum, separatePlanes, maxOrder, framesOnly: bits.flag() };
}

/** Source: 7.3.2.1.1.1. */
function skipScalingList(bits: RbspBits, size: number): void {
  let [last, next] = [8, 8];
  for (let index = 0; index < size; index++) {
    if (next !== 0) next = (last + bits.signed() + 256) % 256;
    last = next === 0 ? last : next;
  }
}
