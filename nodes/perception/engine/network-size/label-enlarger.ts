import type { LabelMaps } from '../camera-frame.js';
import { REPEAT_FUNCTIONS } from './resize-functions.js';
import { type WasmProgram, wasmProgram } from './wasm-module.js';

interface Size {
  readonly height: number;
  readonly width: number;
}

const PALETTE_BYTES = 4 * 256;
/** Bytes that are written behind the last colour. */
const BEHIND_COLORS = 4;
/** Columns are filled so many at once. */
const COLUMNS = 4;
/** Rows that are copied at once: copying single ones costs as much in calls as in bytes. */
const ROWS = 8;

/** Makes labels of a network's size as large as the camera's image: every pixel has those of the network's pixel that it lies in. */
export class LabelEnlarger {
  readonly #from: Size;
  readonly #to: Size;
  /** Of every row of the image: the row of the network. */
  readonly #rows: Int32Array;
  readonly #program: WasmProgram<keyof typeof REPEAT_FUNCTIONS>;
  /** Where the parts lie in the program's memory. */
  readonly #at: Readonly<Record<'places' | 'palette' | 'source' | keyof LabelMaps, number>>;
  readonly #source: Uint8Array;
  /** [256, 4] */
  readonly #palette: Uint8Array;
  /** `ROWS` rows of the result. */
  readonly #band: LabelMaps;

  /** @param palette [256, 4] R, G and B of each label, and its mask; where it is left out, `learn` tells it. */
  constructor(from: Size, to: Size, palette: Uint8Array = new Uint8Array(PALETTE_BYTES)) {
    this.#from = from;
    this.#to = to;
    this.#rows = nearest(from.height, to.height);
    const columns = Math.ceil(to.width / COLUMNS) * COLUMNS;
    let bytes = 0;
    const place = (length: number): number => {
      const at = bytes;
      bytes += Math.ceil(length / 16) * 16;
      return at;
    };
    const at = {
      places: place(4 * columns),
      palette: place(palette.length),
      source: place(from.width),
      labels: place(ROWS * to.width + COLUMNS),
      dynamic: place(ROWS * to.width + COLUMNS),
      color: place(3 * (ROWS * to.width + COLUMNS) + BEHIND_COLORS),
    };
    this.#at = at;
    this.#program = wasmProgram(REPEAT_FUNCTIONS, bytes);
    const { memory } = this.#program;
    new Int32Array(memory, at.places, to.width).set(nearest(from.width, to.width));
    this.#palette = new Uint8Array(memory, at.palette, palette.length);
    this.#palette.set(palette);
    this.#source = new Uint8Array(memory, at.source, from.width);
    this.#band = {
      labels: new Uint8Array(memory, at.labels, ROWS * to.width),
      color: new Uint8Array(memory, at.color, 3 * ROWS * to.width),
      dynamic: new Uint8Array(memory, at.dynamic, ROWS * to.width),
    };
  }

  /** Takes colours and masks of the labels from maps that show them. */
  learn({ labels, color, dynamic }: LabelMaps): void {
    for (let i = 0; i < labels.length; i++) {
      const at = 4 * (labels[i] as number);
      this.#palette[at] = color[3 * i] as number;
      this.#palette[at + 1] = color[3 * i + 1] as number;
      this.#palette[at + 2] = color[3 * i + 2] as number;
      this.#palette[at + 3] = dynamic[i] as number;
    }
  }

  /** @param labels [height, width] of `from`. @param into is filled, of the size of the camera's image. */
  enlarge(labels: Uint8Array, into: LabelMaps): void {
    const { width, height } = this.#to;
    const bytes = Buffer.from(labels.buffer, labels.byteOffset, labels.byteLength);
    for (let row = 0; row < height; row += ROWS) {
      const count = Math.min(ROWS, height - row);
      for (let place = 0; place < count; place++) {
        const source = this.#rows[row + place] as number;
        const before = place === 0 ? -1 : (this.#rows[row + place - 1] as number);
        if (place > 0 && (source === before || this.#areAlike(bytes, source, before))) this.#repeatRow(place);
        else this.#fillRow(labels, source, place);
      }
      const { labels: numbers, color, dynamic } = this.#band;
      const length = count * width;
      const isFull = count === ROWS;
      into.labels.set(isFull ? numbers : numbers.subarray(0, length), row * width);
      into.dynamic.set(isFull ? dynamic : dynamic.subarray(0, length), row * width);
      into.color.set(isFull ? color : color.subarray(0, 3 * length), 3 * row * width);
    }
  }

  #areAlike(labels: Buffer, row: number, other: number): boolean {
    const { width } = this.#from;
    return labels.compare(labels, other * width, (other + 1) * width, row * width, (row + 1) * width) === 0;
  }

  /** Fills the row at a place among the `ROWS`. */
  #fillRow(maps: Uint8Array, row: number, place: number): void {
    const { width } = this.#from;
    this.#source.set(maps.subarray(row * width, (row + 1) * width));
    const { source, places, palette, labels, color, dynamic } = this.#at;
    const at = place * this.#to.width;
    const end = labels + at + this.#to.width;
    this.#program.calls.repeat(source, places, palette, labels + at, color + 3 * at, dynamic + at, end);
  }

  /** Fills it as the row before it. */
  #repeatRow(place: number): void {
    const { labels, color, dynamic } = this.#at;
    const { width } = this.#to;
    const at = place * width;
    this.#program.calls.again(labels + at, color + 3 * at, dynamic + at, width);
  }
}

/** Of each of `to` pixels: in which of `from` its centre lies; in whole numbers, as the perception graph has it. */
function nearest(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to }, (_, index) => Math.floor(((2 * index + 1) * from) / (2 * to)));
}
