import type { LabelMaps } from '../camera-frame.js';
import { REPEAT_FUNCTIONS } from './resize-functions.js';
import { type WasmProgram, wasmProgram } from './wasm-module.js';

interface Size {
  readonly height: number;
  readonly width: number;
}

/** Bytes that are read and written behind the last colour. */
const BEHIND_COLORS = 4;
/** Columns are filled so many at once. */
const COLUMNS = 4;

/** Makes labels of a network's size as large as the camera's image: every pixel has those of the network's pixel that it lies in. */
export class LabelEnlarger {
  readonly #from: Size;
  readonly #to: Size;
  /** Of every row of the image: the row of the network. */
  readonly #rows: Int32Array;
  readonly #program: WasmProgram<keyof typeof REPEAT_FUNCTIONS>;
  readonly #at: Readonly<Record<'places' | 'source' | 'target', number>>;
  readonly #source: Uint8Array;
  readonly #target: { readonly label: Uint8Array; readonly color: Uint8Array };

  constructor(from: Size, to: Size) {
    this.#from = from;
    this.#to = to;
    this.#rows = nearest(from.height, to.height);
    const columns = Math.ceil(to.width / COLUMNS) * COLUMNS;
    const source = 4 * columns;
    const target = source + 3 * from.width + BEHIND_COLORS;
    this.#at = { places: 0, source, target };
    this.#program = wasmProgram(REPEAT_FUNCTIONS, target + 3 * columns + BEHIND_COLORS);
    const { memory } = this.#program;
    new Int32Array(memory, 0, to.width).set(nearest(from.width, to.width));
    this.#source = new Uint8Array(memory, source, 3 * from.width);
    this.#target = {
      label: new Uint8Array(memory, target, to.width),
      color: new Uint8Array(memory, target, 3 * to.width),
    };
  }

  /** @param into is filled, of the size of the camera's image. */
  enlarge(maps: LabelMaps, into: LabelMaps): void {
    const { width } = this.#to;
    const labels = Buffer.from(maps.labels.buffer, maps.labels.byteOffset, maps.labels.byteLength);
    let shown = -1;
    for (let row = 0; row < this.#rows.length; row++) {
      const source = this.#rows[row] as number;
      const at = row * width;
      // Colours and the mask follow from the labels.
      if (row > 0 && (source === shown || this.#areAlike(labels, source, shown))) {
        into.labels.copyWithin(at, at - width, at);
        into.dynamic.copyWithin(at, at - width, at);
        into.color.copyWithin(3 * at, 3 * (at - width), 3 * at);
      } else this.#fillRow(maps, source, into, at);
      shown = source;
    }
  }

  #areAlike(labels: Buffer, row: number, other: number): boolean {
    const { width } = this.#from;
    return labels.compare(labels, other * width, (other + 1) * width, row * width, (row + 1) * width) === 0;
  }

  #fillRow(maps: LabelMaps, row: number, into: LabelMaps, at: number): void {
    const { calls } = this.#program;
    const { places, source, target } = this.#at;
    const from = row * this.#from.width;
    const until = from + this.#from.width;
    const { width } = this.#to;
    this.#source.set(maps.labels.subarray(from, until));
    calls.labels(source, places, target, target + width);
    into.labels.set(this.#target.label, at);
    this.#source.set(maps.dynamic.subarray(from, until));
    calls.labels(source, places, target, target + width);
    into.dynamic.set(this.#target.label, at);
    this.#source.set(maps.color.subarray(3 * from, 3 * until));
    calls.colors(source, places, target, target + 3 * width);
    into.color.set(this.#target.color, 3 * at);
  }
}

/** Of each of `to` pixels: in which of `from` its centre lies; in whole numbers, as the perception graph has it. */
function nearest(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to }, (_, index) => Math.floor(((2 * index + 1) * from) / (2 * to)));
}
