import { nalUnits } from './nal-units.js';
import { ParameterSets } from './parameter-sets.js';
import { type PacketLook, SEVERAL_PICTURES, type VideoStream, WITHOUT_PARAMETERS } from './video-stream.js';

/** nal_unit_type. Source: ITU-T H.265, table 7-1. */
const FIRST_PARAMETERS = 32;
const SEQUENCE = 33;
const PICTURE = 34;
const [FIRST_KEY, LAST_KEY] = [16, 23];

/** Finds key frames in H.265, whose pictures name all those they need: libavcodec marks what lacks one. */
export class H265Stream implements VideoStream {
  readonly sets = new ParameterSets();
  readonly #parameters = new Set<number>();
  #bytes: Buffer = Buffer.alloc(0);

  look(data: Uint8Array): PacketLook {
    const units = nalUnits(data).filter(({ length }) => length > 2);
    if (units.length === 0)
      return { kind: 'damaged', what: 'it holds no NAL unit with a start code (annex B)' };
    for (const unit of units) {
      const type = typeOf(unit);
      this.#parameters.add(type);
      if (type >= FIRST_PARAMETERS && type <= PICTURE) this.sets.add(unit);
    }
    const slice = units.find((unit) => typeOf(unit) < FIRST_PARAMETERS);
    if (slice === undefined) return { kind: 'parameters' };
    // first_slice_segment_in_pic_flag, 7.3.6.1.
    if (!isFirst(slice)) return { kind: 'damaged', what: 'the first slices of its frame are missing' };
    if (
      units.filter((unit) => typeOf(unit) < FIRST_PARAMETERS && layerOf(unit) === 0 && isFirst(unit)).length >
      1
    )
      return SEVERAL_PICTURES;
    if (this.#bytes.equals(data)) return { kind: 'repeated' };
    // A copy: the message's memory may be used again.
    this.#bytes = Buffer.from(data);
    const type = typeOf(slice);
    const key = type >= FIRST_KEY && type <= LAST_KEY;
    if (key && !(this.#parameters.has(SEQUENCE) && this.#parameters.has(PICTURE))) return WITHOUT_PARAMETERS;
    return { kind: 'frame', key, refresh: 0, missing: 0, leading: false };
  }
}

const isFirst = (slice: Uint8Array) => ((slice[2] ?? 0) & 0x80) !== 0;

/** nuh_layer_id: pictures of further layers, such as a second view, belong to that of the base layer. */
const layerOf = (unit: Uint8Array) => (((unit[0] ?? 0) & 1) << 5) | ((unit[1] ?? 0) >> 3);

function typeOf(unit: Uint8Array): number {
  return ((unit[0] ?? 0) >> 1) & 63;
}
