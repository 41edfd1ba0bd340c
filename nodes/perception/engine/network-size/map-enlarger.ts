import { linearNeighbours } from './axis-weights.js';
import { ENLARGE_FUNCTIONS } from './resize-functions.js';
import { type WasmProgram, wasmProgram } from './wasm-module.js';

interface Size {
  readonly height: number;
  readonly width: number;
}

/** How depth follows from what a network gives. */
export interface DepthTerms {
  /** Depth times 1 / depth of the network. */
  readonly factor: number;
  /** 1 / depth up to which the depth is infinite. */
  readonly least: number;
}

/** Takes a row of a result, which the next is written over. */
type TakeRow<T> = (row: number, values: T) => void;

/** Columns are computed so many at once. */
const COLUMNS = 8;

/** Makes maps of a network's size as large as the camera's image, bilinearly: the same numbers as those of the perception graph. */
export class MapEnlarger {
  readonly #from: Size;
  readonly #isSameSize: boolean;
  /** Of every row of the result. */
  readonly #rows: { readonly lower: Int32Array; readonly upper: Int32Array } & Readonly<
    Record<'toLower' | 'toUpper', Float32Array>
  >;
  readonly #program: WasmProgram<keyof typeof ENLARGE_FUNCTIONS>;
  readonly #source: Float32Array;
  readonly #values: Float32Array;
  readonly #meters: Float32Array;
  readonly #millimetres: Uint16Array;
  readonly #at: Readonly<
    Record<
      'source' | 'lower' | 'upper' | 'toLower' | 'toUpper' | 'spread' | 'values' | 'meters' | 'millimetres',
      number
    >
  >;
  /** Bytes of a row of the result in the program's memory. */
  readonly #rowBytes: number;

  constructor(from: Size, to: Size) {
    this.#from = from;
    this.#isSameSize = from.height === to.height && from.width === to.width;
    const down = linearNeighbours(from.height, to.height);
    this.#rows = {
      lower: Int32Array.from(down, ({ lower }) => lower),
      upper: Int32Array.from(down, ({ upper }) => upper),
      toLower: Float32Array.from(down, ({ toLower }) => toLower),
      toUpper: Float32Array.from(down, ({ toUpper }) => toUpper),
    };
    const across = linearNeighbours(from.width, to.width);
    const columns = Math.ceil(to.width / COLUMNS) * COLUMNS;
    this.#rowBytes = 4 * columns;
    let bytes = 0;
    const place = (length: number): number => {
      const at = bytes;
      bytes += Math.ceil(length / 16) * 16;
      return at;
    };
    const row = () => place(this.#rowBytes);
    this.#at = {
      source: place(4 * from.height * from.width),
      ...{ lower: row(), upper: row(), toLower: row(), toUpper: row() },
      spread: place(4 * this.#rowBytes),
      ...{ values: row(), meters: row(), millimetres: row() },
    };
    this.#program = wasmProgram(ENLARGE_FUNCTIONS, bytes);
    const { memory } = this.#program;
    const at = this.#at;
    this.#source = new Float32Array(memory, at.source, from.height * from.width);
    this.#values = new Float32Array(memory, at.values, to.width);
    this.#meters = new Float32Array(memory, at.meters, to.width);
    this.#millimetres = new Uint16Array(memory, at.millimetres, to.width);
    new Int32Array(memory, at.lower, to.width).set(across.map(({ lower }) => 4 * lower));
    new Int32Array(memory, at.upper, to.width).set(across.map(({ upper }) => 4 * upper));
    new Float32Array(memory, at.toLower, to.width).set(across.map(({ toLower }) => toLower));
    new Float32Array(memory, at.toUpper, to.width).set(across.map(({ toUpper }) => toUpper));
  }

  /** @param map [height, width] of `from`. */
  values(map: Float32Array, take: TakeRow<Float32Array>): void {
    this.#eachRow(map, (row) => take(row, this.#values));
  }

  /**
   * Metres from 1 / depth: +Inf where that is not above `least`, NaN where it is NaN.
   * @param map [height, width] of `from`.
   */
  meters(map: Float32Array, { factor, least }: DepthTerms, take: TakeRow<Float32Array>): void {
    const { values, meters } = this.#at;
    this.#eachRow(map, (row) => {
      this.#program.calls.depth(values, meters, meters + this.#rowBytes, factor, least);
      take(row, this.#meters);
    });
  }

  /** The row of metres that was taken last, in millimetres; 0 where they do not fit into two bytes. */
  lastMillimetres(): Uint16Array {
    const { meters, millimetres } = this.#at;
    this.#program.calls.millimetres(meters, millimetres, millimetres + this.#rowBytes / 2);
    return this.#millimetres;
  }

  #eachRow(map: Float32Array, done: (row: number) => void): void {
    if (this.#isSameSize) {
      for (let row = 0, at = 0; row < this.#from.height; row++, at += this.#from.width) {
        this.#values.set(map.subarray(at, at + this.#from.width));
        done(row);
      }
      return;
    }
    this.#source.set(map);
    const { calls } = this.#program;
    const { lower, upper, toLower, toUpper, source, spread, values } = this.#at;
    const bytes = this.#rowBytes;
    // Rows of the source beside both columns of every pixel: the latest even and the latest odd one.
    const spreadRows = [-1, -1];
    const spreadRow = (row: number): number => {
      const slot = row % 2;
      const at = spread + slot * 2 * bytes;
      if (spreadRows[slot] !== row) {
        const from = source + 4 * row * this.#from.width;
        calls.spread(from, lower, at, at + bytes);
        calls.spread(from, upper, at + bytes, at + 2 * bytes);
        spreadRows[slot] = row;
      }
      return at;
    };
    const rows = this.#rows;
    const end = values + bytes;
    for (let row = 0; row < rows.lower.length; row++) {
      const low = spreadRow(rows.lower[row] as number);
      const high = spreadRow(rows.upper[row] as number);
      const [near, far] = [rows.toLower[row] as number, rows.toUpper[row] as number];
      calls.blend(low, low + bytes, high, high + bytes, toLower, toUpper, values, end, near, far);
      done(row);
    }
  }
}
