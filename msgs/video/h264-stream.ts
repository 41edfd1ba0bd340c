import { type H264Parameters, h264Parameters } from './h264-parameters.js';
import { nalUnits } from './nal-units.js';
import { ParameterSets } from './parameter-sets.js';
import { RbspBits } from './rbsp-bits.js';
import { seiMessages } from './sei-messages.js';
import { UsualInterval } from './usual-interval.js';
import { type PacketLook, SEVERAL_PICTURES, type VideoStream, WITHOUT_PARAMETERS } from './video-stream.js';

/** nal_unit_type. Source: ITU-T H.264, table 7-1. */
const [SLICE, PARTITION_A, IDR, SEI, SEQUENCE, PICTURE] = [1, 2, 5, 6, 7, 8];
/** payloadType of a recovery point. Source: annex D. */
const RECOVERY_POINT = 6;

interface Slice {
  readonly isIdr: boolean;
  readonly isReference: boolean;
  readonly frameNum: number;
  readonly field: 'top' | 'bottom' | undefined;
  /** idr_pic_id. */
  readonly idr: number | undefined;
  /** pic_order_cnt_lsb. */
  readonly order: number | undefined;
  readonly parameters: H264Parameters;
}

/**
 * Finds key frames and gaps in H.264. libavcodec conceals a gap in frame_num and marks none of the wrong pictures that
 * follow, so that the gap has to be found here.
 */
export class H264Stream implements VideoStream {
  readonly sets = new ParameterSets();
  readonly #sequences = new Map<number, H264Parameters>();
  /** Sequence of each picture parameter set. */
  readonly #pictures = new Map<number, number>();
  readonly #interval = new UsualInterval();
  /** Of the last reference picture. */
  #reference: number | undefined;
  #before: Slice | undefined;
  /** pic_order_cnt_lsb of the last key frame, where pictures that are shown before it may follow. */
  #keyOrder: number | undefined;
  #bytes: Buffer = Buffer.alloc(0);

  look(data: Uint8Array, stampNs: bigint): PacketLook {
    const units = nalUnits(data);
    if (units.length === 0)
      return { kind: 'damaged', what: 'it holds no NAL unit with a start code (annex B)' };
    let slice: Slice | undefined;
    let refresh: number | undefined;
    try {
      for (const unit of units) {
        const type = (unit[0] ?? 0) & 31;
        if (type === SEQUENCE || type === PICTURE) this.sets.add(unit);
        if (type === SEQUENCE) {
          const { id, ...parameters } = h264Parameters(new RbspBits(unit, 1));
          this.#sequences.set(id, parameters);
        } else if (type === PICTURE) {
          const bits = new RbspBits(unit, 1, 16);
          this.#pictures.set(bits.unsigned(), bits.unsigned());
        } else if (type === SEI) refresh ??= recoveryFrames(unit);
        else if (type === SLICE || type === PARTITION_A || type === IDR) {
          const bits = new RbspBits(unit, 1, 64);
          const first = bits.unsigned();
          if (slice !== undefined) {
            if (first === 0 && isAnother(slice, this.#slice(unit, bits))) return SEVERAL_PICTURES;
            continue;
          }
          if (first !== 0) return { kind: 'damaged', what: 'the first slices of its frame are missing' };
          slice = this.#slice(unit, bits);
          if (slice === undefined) {
            // Between key frames they are not known yet.
            return type === IDR || refresh !== undefined
              ? WITHOUT_PARAMETERS
              : { kind: 'frame', key: false, refresh: 0, missing: 0, leading: false };
          }
        }
      }
    } catch (error) {
      return { kind: 'damaged', what: `its headers cannot be read: ${(error as Error).message}` };
    }
    if (slice === undefined) return { kind: 'parameters' };
    // A copy: the message's memory may be used again.
    if (this.#bytes.equals(data)) return { kind: 'repeated' };
    this.#bytes = Buffer.from(data);
    const pause = this.#interval.after(stampNs);
    const missing = slice.isIdr ? 0 : this.#missingBefore(slice, pause);
    this.#before = slice;
    if (slice.isReference) this.#reference = slice.frameNum;
    const key = slice.isIdr || refresh !== undefined;
    if (key) this.#keyOrder = slice.isIdr ? undefined : slice.order;
    const leading = !key && this.#isLeading(slice);
    return { kind: 'frame', key, refresh: slice.isIdr ? 0 : (refresh ?? 0), missing, leading };
  }

  /** Source: 7.3.3. */
  #slice(unit: Uint8Array, bits: RbspBits): Slice | undefined {
    bits.unsigned();
    const sequence = this.#pictures.get(bits.unsigned());
    const parameters = sequence === undefined ? undefined : this.#sequences.get(sequence);
    if (parameters === undefined) return undefined;
    if (parameters.separatePlanes) bits.bits(2);
    const frameNum = bits.bits(Math.log2(parameters.maxFrameNum));
    let field: Slice['field'];
    if (!parameters.framesOnly && bits.flag()) field = bits.flag() ? 'bottom' : 'top';
    const header = unit[0] ?? 0;
    const isIdr = (header & 31) === IDR;
    const idr = isIdr ? bits.unsigned() : undefined;
    const { maxOrder } = parameters;
    return {
      isIdr,
      idr,
      order: maxOrder === undefined ? undefined : bits.bits(Math.log2(maxOrder)),
      isReference: ((header >> 5) & 3) !== 0,
      frameNum,
      field,
      parameters,
    };
  }

  /** Source: 8.2.1.1: the number goes round. */
  #isLeading({ order, parameters: { maxOrder } }: Slice): boolean {
    const keyOrder = this.#keyOrder;
    if (keyOrder === undefined || order === undefined || maxOrder === undefined) return false;
    return (order - keyOrder + maxOrder) % maxOrder >= maxOrder / 2;
  }

  /**
   * frame_num grows by one after each reference picture (7.4.3). It goes round, so that a pause in which it may have done so counts
   * as a gap too.
   */
  #missingBefore({ frameNum, field, isReference, parameters }: Slice, pause: number): number {
    const [reference, before] = [this.#reference, this.#before];
    if (reference === undefined || before === undefined) return 0;
    const { maxFrameNum } = parameters;
    if (pause >= maxFrameNum - 0.5) return Math.round(pause) - 1;
    const missing = (frameNum - reference - 1 + maxFrameNum) % maxFrameNum;
    if (missing !== maxFrameNum - 1) return missing;
    // As that of the last reference picture: the other field of a frame, or pictures that nothing refers to.
    const isSecondField = field !== undefined && before.field !== undefined && field !== before.field;
    return isSecondField || !isReference ? 0 : missing;
  }
}

/** Whether a second first slice begins another picture, and is neither the other field nor coded redundantly. Source: 7.4.1.2.4. */
function isAnother(slice: Slice, next: Slice | undefined): boolean {
  if (next === undefined || next.field !== slice.field) return false;
  return next.frameNum !== slice.frameNum || next.order !== slice.order || next.idr !== slice.idr;
}

/** recovery_frame_cnt of a recovery point; undefined where the unit holds none. Source: D.1.8. */
function recoveryFrames(unit: Uint8Array): number | undefined {
  return seiMessages(unit, 1)
    .messages.find(({ type }) => type === RECOVERY_POINT)
    ?.payload.unsigned();
}
