import {
  add,
  advance,
  divide,
  encodeModule,
  F32,
  getLocal,
  I32,
  load,
  loopWhileLess,
  multiply,
  setLocal,
  splat,
  sqrt,
  store,
  subtract,
  V128,
} from './wasm-code.js';

/** The numbers of one update of one array; see `Adam`. */
export interface AdamFactors {
  /** On the gradient. */
  readonly clip: number;
  readonly beta1: number;
  readonly beta2: number;
  /** On the weight: what decay leaves of it. */
  readonly keep: number;
  /** The learning rate, the first moment's bias corrected. */
  readonly rate: number;
  /** On the root of the second moment. */
  readonly correction: number;
  readonly epsilon: number;
}

/** Elements that are copied in and out at a time: the copies stay in the processor's cache. */
const CHUNK = 8192;
const PAGE = 65536;
/** Weights and gradients of a chunk lie in front of the moments. */
const FIRST_MOMENT = 2 * 4 * CHUNK;

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface WasmApi {
  readonly Memory: new (descriptor: { initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { readonly run: (...numbers: number[]) => void } };
}

const wasm = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly; // not in TypeScript's ES2023

/** Where an array's two moments lie. */
interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * Adam's update as packed 32-bit arithmetic, four elements at a time (WebAssembly SIMD): three times as fast as a plain
 * loop. The moments live in its own memory; weights and gradients are copied in and out chunk by chunk.
 */
export class AdamKernel {
  readonly #memory = new wasm.Memory({ initial: FIRST_MOMENT / PAGE });
  readonly #run = new wasm.Instance(new wasm.Module(MODULE), { host: { memory: this.#memory } }).exports.run;
  readonly #places = new Map<string, Place>();
  #end = FIRST_MOMENT;

  /** The moments of `name`, of zeros at first: valid until another name is asked for. */
  moments(name: string, length: number): { readonly first: Float32Array; readonly second: Float32Array } {
    const { offset } = this.#place(name, length);
    const view = (at: number) => new Float32Array(this.#memory.buffer, at, length);
    return { first: view(offset), second: view(offset + padded(length)) };
  }

  /** Every name that has moments, with their lengths. */
  get lengths(): ReadonlyMap<string, number> {
    return new Map([...this.#places].map(([name, { length }]) => [name, length]));
  }

  /** Updates `values` and the moments of `name` in place. */
  update(name: string, values: Float32Array, gradient: Float32Array, factors: AdamFactors): void {
    const { offset, length } = this.#place(name, values.length);
    const { clip, beta1, beta2, keep, rate, correction, epsilon } = factors;
    const w = new Float32Array(this.#memory.buffer, 0, CHUNK);
    const g = new Float32Array(this.#memory.buffer, 4 * CHUNK, CHUNK);
    for (let begin = 0; begin < length; begin += CHUNK) {
      const count = Math.min(CHUNK, length - begin);
      w.set(count === CHUNK ? values.subarray(begin, begin + CHUNK) : values.subarray(begin));
      g.set(count === CHUNK ? gradient.subarray(begin, begin + CHUNK) : gradient.subarray(begin, length));
      const first = offset + 4 * begin;
      const numbers = [clip, beta1, 1 - beta1, beta2, 1 - beta2, keep, rate, correction, epsilon];
      this.#run(0, 4 * count, 4 * CHUNK, first, first + padded(length), ...numbers);
      values.set(count === CHUNK ? w : w.subarray(0, count), begin);
    }
  }

  #place(name: string, length: number): Place {
    const known = this.#places.get(name);
    if (known?.length === length) return known;
    const place = { offset: this.#end, length };
    this.#places.set(name, place);
    this.#end += 2 * padded(length);
    const missing = this.#end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    return place;
  }
}

/** Bytes of an array, rounded up to whole vectors. */
function padded(length: number): number {
  return 16 * Math.ceil(length / 4);
}

const [W, END, G, M, V, CLIP, BETA1, REST1, BETA2, REST2, KEEP, RATE, CORRECTION, EPSILON] = Array.from(
  { length: 14 },
  (_, i) => i,
);
const [GRADIENT, FIRST, SECOND] = [14, 15, 16] as const;
const number = (local: number) => splat(getLocal(local));

const MODULE = encodeModule(
  [I32, I32, I32, I32, I32, F32, F32, F32, F32, F32, F32, F32, F32, F32],
  [V128, V128, V128],
  loopWhileLess(W, END, [
    ...setLocal(GRADIENT, multiply(load(getLocal(G)), number(CLIP))),
    ...setLocal(
      FIRST,
      add(multiply(load(getLocal(M)), number(BETA1)), multiply(getLocal(GRADIENT), number(REST1))),
    ),
    ...setLocal(
      SECOND,
      add(
        multiply(load(getLocal(V)), number(BETA2)),
        multiply(multiply(getLocal(GRADIENT), number(REST2)), getLocal(GRADIENT)),
      ),
    ),
    ...store(getLocal(M), getLocal(FIRST)),
    ...store(getLocal(V), getLocal(SECOND)),
    ...store(
      getLocal(W),
      subtract(
        multiply(load(getLocal(W)), number(KEEP)),
        divide(
          multiply(getLocal(FIRST), number(RATE)),
          add(multiply(sqrt(getLocal(SECOND)), number(CORRECTION)), number(EPSILON)),
        ),
      ),
    ),
    ...[W, G, M, V].flatMap((local) => advance(local, 16)),
  ]),
);
