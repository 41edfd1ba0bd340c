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

/** Takes whole rows of a result, from `row` on, which the next are written over. */
type TakeRows<T> = (row: number, values: T) => void;

/** Columns are computed so many at once, so that memory follows rows. */
const COLUMNS = 8;
/** Rows that are taken at once: copying single ones costs as much in calls as in bytes. */
const ROWS = 8;

/** Makes maps of a network's size as large as the camera's image, bilinearly: the same numbers as those of the perception graph. */
export class MapEnlarger {
  readonly #from: Size;
  /** Columns of the result. */
  readonly #width: number;
  readonly #isSameSize: boolean;
  /** Of every row of the result. */
  readonly #rows: { readonly lower: Int32Array; readonly upper: Int32Array } & Readonly<
    Record<'toLower' | 'toUpper', Float32Array>
  >;
  readonly #program: WasmProgram<keyof typeof ENLARGE_FUNCTIONS>;
  readonly #source: Float32Array;
  /** `ROWS` rows of the result. */
  readonly #values: Float32Array;
  readonly #meters: Float32Array;
  readonly #millimetres: Uint16Array;
  /** Numbers of the rows that were computed last. */
  #filled = 0;
  readonly #at: Readonly<
    Record<
      'source' | 'places' | 'toLower' | 'toUpper' | 'spread' | 'values' | 'meters' | 'millimetres',
      number
    >
  >;
  /** Bytes of a row of the tables, and of a row spread, in the program's memory. */
  readonly #rowBytes: number;
  /** Columns of the result that have a neighbour on their right. */
  readonly #between: number;

  constructor(from: Size, to: Size) {
    this.#from = from;
    this.#width = to.width;
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
    // One more: `spread` may write a number behind the last.
    this.#rowBytes = 4 * (columns + COLUMNS);
    this.#between = 1 + across.findLastIndex(({ lower, upper }) => lower !== upper);
    let bytes = 0;
    const place = (length: number): number => {
      const at = bytes;
      bytes += Math.ceil(length / 16) * 16;
      return at;
    };
    const row = () => place(this.#rowBytes);
    const rows = () => place(4 * (ROWS * to.width + COLUMNS));
    this.#at = {
      source: place(4 * from.height * from.width),
      ...{ places: row(), toLower: row(), toUpper: row() },
      spread: place(4 * this.#rowBytes),
      ...{ values: rows(), meters: rows(), millimetres: rows() },
    };
    this.#program = wasmProgram(ENLARGE_FUNCTIONS, bytes);
    const { memory } = this.#program;
    const at = this.#at;
    this.#source = new Float32Array(memory, at.source, from.height * from.width);
    this.#values = new Float32Array(memory, at.values, ROWS * to.width);
    this.#meters = new Float32Array(memory, at.meters, ROWS * to.width);
    this.#millimetres = new Uint16Array(memory, at.millimetres, ROWS * to.width);
    new Int32Array(memory, at.places, to.width).set(across.map(({ lower }) => 4 * lower));
    new Float32Array(memory, at.toLower, to.width).set(across.map(({ toLower }) => toLower));
    new Float32Array(memory, at.toUpper, to.width).set(across.map(({ toUpper }) => toUpper));
  }

  /** @param map [height, width] of `from`. */
  values(map: Float32Array, take: TakeRows<Float32Array>): void {
    this.#eachRows(map, (row) => take(row, this.#firstOf(this.#values)));
  }

  /**
   * Metres from 1 / depth: +Inf where that is not above `least`, NaN where it is NaN.
   * @param map [height, width] of `from`.
   */
  meters(map: Float32Array, { factor, least }: DepthTerms, take: TakeRows<Float32Array>): void {
    const { values, meters } = this.#at;
    this.#eachRows(map, (row) => {
      this.#program.calls.depth(values, meters, meters + 4 * this.#filled, factor, least);
      take(row, this.#firstOf(this.#meters));
    });
  }

  /** The rows of metres that were taken last, in millimetres; 0 where they do not fit into two bytes. */
  lastMillimetres(): Uint16Array {
    const { meters, millimetres } = this.#at;
    this.#program.calls.millimetres(meters, millimetres, millimetres + 2 * this.#filled);
    return this.#firstOf(this.#millimetres);
  }

  #firstOf<T extends Float32Array | Uint16Array>(rows: T): T {
    return rows.length === this.#filled ? rows : (rows.subarray(0, this.#filled) as T); // of the same kind
  }

  #eachRows(map: Float32Array, done: (row: number) => void): void {
    const [width, height] = [this.#width, this.#rows.lower.length];
    if (!this.#isSameSize) this.#source.set(map);
    // Rows of the source beside both columns of every pixel: the latest even and the latest odd one.
    const spreadRows: SpreadRows = [-1, -1];
    for (let row = 0; row < height; row += ROWS) {
      const until = Math.min(row + ROWS, height);
      this.#filled = (until - row) * width;
      if (this.#isSameSize) this.#values.set(map.subarray(row * width, until * width));
      else for (let y = row; y < until; y++) this.#blendRow(y, y - row, spreadRows);
      done(row);
    }
  }

  /** Computes a row of the result, at a place among the `ROWS`. */
  #blendRow(row: number, place: number, spreadRows: SpreadRows): void {
    const { toLower, toUpper, values } = this.#at;
    const [bytes, width] = [this.#rowBytes, this.#width];
    const rows = this.#rows;
    const low = this.#spreadRow(rows.lower[row] as number, spreadRows);
    const high = this.#spreadRow(rows.upper[row] as number, spreadRows);
    const [near, far] = [rows.toLower[row] as number, rows.toUpper[row] as number];
    const at = values + 4 * place * width;
    const end = at + 4 * width;
    this.#program.calls.blend(low, low + bytes, high, high + bytes, toLower, toUpper, at, end, near, far);
  }

  /** Where a row of the source lies, spread over the columns of the result; the numbers on the right follow those on the left. */
  #spreadRow(row: number, spreadRows: SpreadRows): number {
    const { source, places, spread } = this.#at;
    const bytes = this.#rowBytes;
    const slot = (row % 2) as 0 | 1;
    const left = spread + slot * 2 * bytes;
    if (spreadRows[slot] !== row) {
      const right = left + bytes;
      const [end, last] = [right + 4 * this.#width, right + 4 * this.#between];
      this.#program.calls.spread(source + 4 * row * this.#from.width, places, left, right, end, last);
      spreadRows[slot] = row;
    }
    return left;
  }
}

/** Which even and which odd row of the source lie spread. */
type SpreadRows = [even: number, odd: number];
