import { TrainingError } from '../../errors.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import type { Dimension } from '../../onnx/model-proto.js';
import type { OnnxFile } from '../../onnx/onnx-file.js';
import type { ForeignValue } from '../../onnx/read-model.js';
import { elementTypeOf } from '../../onnx/read-tensor.js';
import { vector } from '../../onnx/shape-ops.js';
import { ELEMENT_TYPES, type ElementType } from '../../onnx/tensor-data.js';
import {
  type NetworkView,
  networkInput,
  networkView,
  shownImage,
  type ViewOptions,
} from '../network-view.js';
import type { CameraValues } from '../perception-contract.js';
import { extraFeed } from './extra-feed.js';
import { ForeignNetwork, type ForeignNetworkOptions } from './foreign-network.js';
import { type ImageInput, INTEGER_RANGE, imageInput } from './image-input.js';
import type { ExtraFeed, ImportInput } from './import-schema.js';
import { choose, listOf, runtimeInputs } from './onnx-values.js';

/** A value that a network gives, with what its file says of it. */
export interface NetworkOutput {
  /** The ONNX file. */
  readonly file: string;
  /** In the file. */
  readonly name: string;
  /** In the graph. */
  readonly value: string;
  readonly dtype: ElementType;
  readonly shape: readonly Dimension[];
}

export interface ImportedNetworkInputs {
  readonly image: ImportInput;
  /** Feeds of the other inputs. */
  readonly others: Readonly<Record<string, ExtraFeed>>;
}

/**
 * A network of an ONNX file, fed with the camera's image as its description says. Its outputs are asked for first in the
 * graph itself, then in branches.
 */
export class ImportedNetwork {
  readonly view: ViewOptions;
  readonly #onnx: OnnxFile;
  readonly #inputs: ImportedNetworkInputs;
  readonly #image: ImageInput;
  readonly #network: ForeignNetwork;
  #seen: NetworkView | undefined;
  #isFed = false;

  /** @throws TrainingError when the description does not fit the file. */
  constructor(onnx: OnnxFile, inputs: ImportedNetworkInputs, options: ForeignNetworkOptions) {
    this.#onnx = onnx;
    this.#inputs = inputs;
    this.#image = imageInput(onnx, inputs.image, Object.keys(inputs.others));
    this.view = { size: this.#image.size, fit: inputs.image.fit };
    this.#network = new ForeignNetwork(onnx.model, options);
    const known = new Set(runtimeInputs(onnx).map(({ name }) => name));
    for (const name of Object.keys(inputs.others)) {
      if (known.has(name) && name !== this.#image.value.name) continue;
      throw new TrainingError(
        `${onnx.file}: \`inputs\`: ${known.has(name) ? `\`${name}\` is the image` : `there is no input \`${name}\``}; the others are ${listOf(this.#otherInputs())}.`,
      );
    }
  }

  /** The ONNX file. */
  get file(): string {
    return this.#onnx.file;
  }

  /** Layout and normalisation of the image. */
  get layout(): 'NCHW' | 'NHWC' {
    return this.#image.layout;
  }

  get pixels(): Pick<ImageInput, 'mean' | 'std'> {
    return this.#image;
  }

  /** Checks that there is this output (the only one where no name is given), before anything is built. */
  output(name: string | undefined): ForeignValue {
    return choose(this.#onnx.model.graph.outputs, name, `${this.#onnx.file}: output`);
  }

  /** What it sees of the camera's image. */
  seen(g: GraphBuilder, camera: CameraValues): NetworkView {
    this.#seen ??= networkView(g, camera, this.view);
    return this.#seen;
  }

  /** Computes an output. @throws TrainingError naming the node of the file that cannot be carried over. */
  compute(g: GraphBuilder, camera: CameraValues, output: ForeignValue): NetworkOutput {
    const { file } = this.#onnx;
    const dtype = elementTypeOf(output.elementType);
    if (dtype === undefined || output.shape === undefined) {
      throw new TrainingError(
        `${file}: the file does not say which type and number of axes output \`${output.name}\` has; infer its shapes when it is exported.`,
        { file },
      );
    }
    this.#feed(g, camera, output.name);
    try {
      const [value = ''] = this.#network.outputs(g, [output.name]);
      return { file, name: output.name, value, dtype, shape: output.shape };
    } catch (cause) {
      if (!(cause instanceof TrainingError)) throw cause;
      throw new TrainingError(`${file} cannot be imported: ${cause.message}.`, { file, cause });
    }
  }

  #otherInputs(): ForeignValue[] {
    return runtimeInputs(this.#onnx).filter(({ name }) => name !== this.#image.value.name);
  }

  #feed(g: GraphBuilder, camera: CameraValues, output: string): void {
    const { others } = this.#inputs;
    const needed = new Set(this.#network.inputsOf([output]));
    const without = this.#otherInputs().filter(({ name }) => needed.has(name) && !(name in others));
    if (without.length > 0) {
      throw new TrainingError(
        `${this.#onnx.file}: output \`${output}\` needs ${listOf(without)} too; say in \`inputs\` what that is: a constant, or \`intrinsics\` and its kin (docs/import.md).`,
      );
    }
    if (this.#isFed) return;
    this.#isFed = true;
    this.#network.feed(this.#image.value.name, this.#pixels(g, camera));
    for (const input of this.#otherInputs()) {
      const feed = others[input.name];
      if (feed === undefined) continue;
      this.#network.feed(input.name, extraFeed(g, input, feed, camera, this.seen(g, camera)));
    }
  }

  /** The camera's image in the type, layout and number of axes of the input. */
  #pixels(g: GraphBuilder, camera: CameraValues): string {
    const { channels, count, layout, value, rank, mean, std } = this.#image;
    const view = this.seen(g, camera);
    const shown = shownImage(g, camera, view, 'left-out');
    const planes = networkInput(g, shown, view, { mean, std, channels });
    const all =
      channels === 'grey' && count === 3 ? g.op('Concat', [planes, planes, planes], { axis: 1 }) : planes;
    const image = layout === 'NCHW' ? all : g.op('Transpose', [all], { perm: [0, 2, 3, 1] });
    const shaped = withRank(g, image, rank, layout);
    const dtype = elementTypeOf(value.elementType) ?? 'float32';
    if (dtype === 'float32') return shaped;
    const range = INTEGER_RANGE[dtype];
    if (range === undefined) return g.op('Cast', [shaped], { to: ELEMENT_TYPES[dtype] });
    const bounds = range.map((bound) => g.constant([bound], 'float32', []));
    const whole = g.op('Clip', [g.op('Round', [shaped]), ...bounds]);
    return g.op('Cast', [whole], { to: ELEMENT_TYPES[dtype] });
  }
}

/** Axes of one before the four of an image, or fewer. */
function withRank(g: GraphBuilder, image: string, rank: number, layout: 'NCHW' | 'NHWC'): string {
  if (rank === 4) return image;
  const axes = (count: number) =>
    vector(
      g,
      Array.from({ length: count }, (_, axis) => axis),
    );
  if (rank > 4) return g.op('Unsqueeze', [image, axes(rank - 4)]);
  return g.op('Squeeze', [image, rank === 3 ? axes(1) : vector(g, [0, layout === 'NCHW' ? 1 : 3])]);
}
