import type { ChannelOrder } from '../../../../msgs/image-encoding.js';
import type { Pixels } from '../../../../msgs/picture/pixels.js';
import { lowPassWeights, type WeightedRun } from './axis-weights.js';
import { acrossEntryBytes, PIXEL_BYTES, shrinkFunctions } from './resize-functions.js';
import { type WasmProgram, wasmProgram } from './wasm-module.js';

interface Size {
  readonly height: number;
  readonly width: number;
}

/** A channel of a row of the result, and where it lies in the program's memory. */
interface Lane {
  readonly at: number;
  readonly row: Float32Array;
}

/** Bytes that are read behind the last pixel of a row. */
const BEHIND_ROW = 8;
const MOST_BYTES_PER_PIXEL = 4;
/** Rows without padding that are copied at once: copying single ones costs as much in calls as in bytes. */
const ROWS = 8;
/** Columns are computed so many at once. */
const COLUMNS = 4;

/**
 * Shrinks camera images to the size at which a network sees them, with a low-pass filter. It gives the same numbers as those
 * of the perception graph's node `low_pass_resize`, to the bit where the processor rounds products before it adds them.
 */
export class ImageShrinker {
  readonly #from: Size;
  readonly #to: Size;
  /** Of each row of the result: the first row of the image that it does not need. */
  readonly #until: Int32Array;
  readonly #program: WasmProgram<'unpack' | 'across' | 'down'>;
  /** Rows of the image, as they are. */
  readonly #rows: Uint8Array;
  /** Where the parts lie in the program's memory. */
  readonly #at: Readonly<Record<'rows' | 'unpacked' | 'table' | 'ring' | 'downTable' | 'planes', number>>;
  /** Rows of shrunk pixels that are kept: those that one row of the result needs. */
  readonly #kept: number;
  /** A row of the result: lanes 0 to 2. */
  readonly #lanes: readonly [Lane, Lane, Lane];
  /** [3, height, width] R, G, B, 0..255, in the program's memory; written over by the next. */
  readonly #planes: Float32Array;

  /** @param from size of the images. @param to size of the result, which may also be larger. */
  constructor(from: Size, to: Size) {
    this.#from = from;
    this.#to = to;
    const down = lowPassWeights(from.height, to.height);
    this.#until = Int32Array.from(down, ({ first, weights }) => first + weights.length);
    const across = lowPassWeights(from.width, to.width);
    const taps = longest(across);
    this.#kept = longest(down);

    let bytes = 0;
    const place = (length: number): number => {
      const at = bytes;
      bytes += Math.ceil(length / 16) * 16;
      return at;
    };
    const columns = Math.ceil(to.width / COLUMNS) * COLUMNS;
    const mostRows = ROWS * from.width * MOST_BYTES_PER_PIXEL;
    this.#at = {
      rows: place(mostRows + BEHIND_ROW),
      unpacked: place(from.width * PIXEL_BYTES),
      table: place(to.width * acrossEntryBytes(taps)),
      ring: place(this.#kept * columns * PIXEL_BYTES),
      downTable: place(to.height * this.#downBytes),
      planes: place(4 * 3 * to.height * to.width),
    };
    const [first, second, third] = [place(4 * columns), place(4 * columns), place(4 * columns)];
    this.#program = wasmProgram(shrinkFunctions(taps, this.#kept), bytes);
    const { memory } = this.#program;
    this.#rows = new Uint8Array(memory, this.#at.rows, mostRows);
    const lane = (at: number): Lane => ({ at, row: new Float32Array(memory, at, to.width) });
    this.#lanes = [lane(first), lane(second), lane(third)];
    this.#planes = new Float32Array(memory, this.#at.planes, 3 * to.height * to.width);
    const table = new DataView(memory, this.#at.table);
    for (const [column, run] of across.entries()) {
      const at = column * acrossEntryBytes(taps);
      // Within the row: weights of 0 before, behind those that count.
      const first = Math.min(run.first, from.width - taps);
      table.setInt32(at, first * PIXEL_BYTES, true);
      for (const [i, weight] of run.weights.entries())
        table.setFloat32(at + 4 + 4 * (run.first - first + i), weight, true);
    }
    for (const [row, run] of down.entries()) this.#fillDownTable(row, run);
  }

  /**
   * @returns [3, height, width] R, G, B, 0..255, in memory that the next call writes over.
   * @throws RangeError for an image whose rows are not all there, or whose pixels lack a channel.
   */
  shrink({ data, step, bytesPerPixel, channelOrder }: Pixels): Float32Array {
    const { calls } = this.#program;
    const { rows, unpacked, table, downTable } = this.#at;
    const { height, width } = this.#from;
    const end = { unpacked: unpacked + width * PIXEL_BYTES, shrunk: this.#to.width * PIXEL_BYTES };
    const rowBytes = width * bytesPerPixel;
    const least = (height - 1) * step + rowBytes;
    if (data.length < least)
      throw new RangeError(
        `expected an image of at least \`${least}\` bytes for ${height} rows of ${step}, got ${data.length}`,
      );
    const unknown = channelOrder.find((channel) => this.#lanes[channel] === undefined);
    if (unknown !== undefined) throw new RangeError(`no channel ${unknown} in a pixel`);
    const rowsAtOnce = 1 + Math.floor((this.#rows.length - rowBytes) / step);
    let [first, copied, done] = [0, 0, 0];
    for (let y = 0; y < this.#until.length; y++) {
      for (const until = this.#until[y] as number; done < until; done++) {
        if (done === copied) {
          first = done;
          copied = Math.min(first + rowsAtOnce, height);
          this.#rows.set(data.subarray(first * step, (copied - 1) * step + rowBytes));
        }
        calls.unpack(rows + (done - first) * step, unpacked, end.unpacked, bytesPerPixel);
        const target = this.#ringRow(done);
        calls.across(unpacked, table, target, target + end.shrunk);
      }
      this.#down(downTable + y * this.#downBytes, end.shrunk, y, channelOrder);
    }
    this.#repeatPlanes(channelOrder);
    return this.#planes;
  }

  /** Makes row `y` of those planes that are the first of their channel. */
  #down(table: number, end: number, y: number, channelOrder: ChannelOrder): void {
    const { height, width } = this.#to;
    // Behind the last row lies the next plane, and whole vectors are written.
    const isDirect = width % COLUMNS === 0 || y < height - 1;
    const rowOf = (channel: number) => (channelOrder.indexOf(channel) * height + y) * width;
    const [first, second, third] = this.#lanes;
    const at = (lane: Lane, channel: number) =>
      isDirect && channelOrder.includes(channel) ? this.#at.planes + 4 * rowOf(channel) : lane.at;
    this.#program.calls.down(table, end, at(first, 0), at(second, 1), at(third, 2));
    if (isDirect) return;
    for (const [channel, { row }] of this.#lanes.entries())
      if (channelOrder.includes(channel)) this.#planes.set(row, rowOf(channel));
  }

  /** Grey pixels have one channel for all planes. */
  #repeatPlanes(channelOrder: ChannelOrder): void {
    const area = this.#to.height * this.#to.width;
    for (const [plane, channel] of channelOrder.entries()) {
      const same = channelOrder.indexOf(channel);
      if (same < plane) this.#planes.copyWithin(plane * area, same * area, (same + 1) * area);
    }
  }

  /** Bytes of a row of the table of `down`. */
  get #downBytes(): number {
    return 8 * this.#kept;
  }

  #ringRow(row: number): number {
    return this.#at.ring + (row % this.#kept) * Math.ceil(this.#to.width / COLUMNS) * COLUMNS * PIXEL_BYTES;
  }

  #fillDownTable(row: number, { first, weights }: WeightedRun): void {
    const table = new DataView(this.#program.memory, this.#at.downTable + row * this.#downBytes);
    for (let i = 0; i < this.#kept; i++) {
      const weight = weights[i];
      table.setInt32(8 * i, this.#ringRow(weight === undefined ? first : first + i), true);
      table.setFloat32(8 * i + 4, weight ?? 0, true);
    }
  }
}

function longest(runs: readonly WeightedRun[]): number {
  return Math.max(...runs.map(({ weights }) => weights.length));
}
