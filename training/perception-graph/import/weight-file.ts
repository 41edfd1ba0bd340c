import type { GraphBuilder } from '../../onnx/graph-builder.js';
import type { Initializer } from '../../onnx/model-proto.js';
import { bytesOf } from '../../onnx/tensor-data.js';
import { encodeSafetensors, type StoredTensor, type TensorLocation } from '../../weights/safetensors.js';

/** Smaller constants stay in the graph. */
const LEAST_BYTES = 512;

/** In a first graph, of which nothing but its weights is used. */
const NOWHERE = { offset: 0, length: 0 };

/**
 * The constants of imported networks: large ones of floating point go to the file of weights, all others stay in the
 * graph. A graph is built twice: what it uses is only known when it is complete, and where a weight lies only after that.
 */
export class WeightFile {
  readonly #tensors = new Map<string, StoredTensor>();
  /** Names by the memory of the numbers: what is asked for twice is stored once. */
  readonly #names = new Map<Initializer['source'], string>();
  #locations: ReadonlyMap<string, TensorLocation> | undefined;
  #declared = new Map<Initializer['source'], string>();

  /** Before each graph: what the last one had declared is unknown to the next. */
  begin(): void {
    this.#declared = new Map();
  }

  /** Puts a constant, with its numbers, into a graph. @param prefix tells apart the networks of one graph. @param isApart none of its small constants is another network's. */
  constant(
    g: GraphBuilder,
    { prefix, isApart }: { readonly prefix: string; readonly isApart: boolean },
    constant: Initializer,
    location: string,
  ): string {
    const { dtype, shape, source } = constant;
    if (!ArrayBuffer.isView(source)) throw new TypeError('constants come with their numbers');
    const stored = dtype === 'float32' ? 'F32' : dtype === 'float16' ? 'F16' : undefined;
    if (stored === undefined || source.byteLength < LEAST_BYTES)
      return isApart ? g.ownConstant(source, dtype, shape) : g.constant(source, dtype, shape);
    const declared = this.#declared.get(source);
    if (declared !== undefined) return declared;
    const name = this.#names.get(source) ?? this.#freshName(`${prefix}/${constant.name}`);
    this.#names.set(source, name);
    if (this.#locations === undefined)
      this.#tensors.set(name, { dtype: stored, shape, bytes: bytesOf(source) });
    const place = this.#locations === undefined ? NOWHERE : this.#locations.get(name);
    if (place === undefined) throw new TypeError(`the first graph did not have the weight ${name}`);
    const { offset, length } = place;
    const value = g.externalConstant(name, dtype, shape, { location, offset, length });
    this.#declared.set(source, value);
    return value;
  }

  /** Fixes where everything lies, after the first graph was built; the next graph refers to it. */
  encode(metadata: Readonly<Record<string, string>>): Uint8Array {
    const { bytes, locations } = encodeSafetensors({ tensors: this.#tensors, metadata });
    this.#locations = locations;
    return bytes;
  }

  #freshName(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.#tensors.has(name); i++) name = `${wanted}_${i}`;
    return name;
  }
}
