import { TrainingError } from '../../errors.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import type { Dimension } from '../../onnx/model-proto.js';
import type { OnnxFile } from '../../onnx/onnx-file.js';
import type { ForeignValue } from '../../onnx/read-model.js';
import { elementTypeOf } from '../../onnx/read-tensor.js';
import { ELEMENT_TYPES, type ElementType } from '../../onnx/tensor-data.js';
import { type NetworkView, networkImage, networkView, type ViewOptions } from '../network-view.js';
import type { CameraValues } from '../perception-contract.js';
import { ForeignNetwork, type ForeignNetworkOptions } from './foreign-network.js';
import type { ImportInput } from './import-description.js';

/** A value that a network gives, with what its file says of it. */
export interface NetworkOutput {
  readonly value: string;
  readonly dtype: ElementType;
  readonly shape: readonly Dimension[];
}

const IMAGE_TYPES: readonly (ElementType | undefined)[] = ['float32', 'float16', 'uint8'];

/**
 * A network of an ONNX file, fed with the camera's image as its description says. Its outputs are asked for first in the
 * graph itself, then in branches.
 */
export class ImportedNetwork {
  readonly view: ViewOptions;
  readonly #onnx: OnnxFile;
  readonly #input: ImportInput;
  readonly #image: ForeignValue;
  readonly #network: ForeignNetwork;
  #seen: NetworkView | undefined;

  /** @throws TrainingError when the description does not fit the file. */
  constructor(onnx: OnnxFile, input: ImportInput, options: ForeignNetworkOptions) {
    this.#onnx = onnx;
    this.#input = input;
    this.#image = imageInput(onnx, input);
    this.view = { size: sizeOf(onnx, input, this.#image), fit: input.fit };
    this.#network = new ForeignNetwork(onnx.model, options);
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
    this.#network.feed(this.#image.name, this.#feed(g, camera));
    try {
      const [value = ''] = this.#network.outputs(g, [output.name]);
      return { value, dtype, shape: output.shape };
    } catch (cause) {
      if (!(cause instanceof TrainingError)) throw cause;
      throw new TrainingError(`${file} cannot be imported: ${cause.message}.`, { file, cause });
    }
  }

  #feed(g: GraphBuilder, camera: CameraValues): string {
    const { mean, std, channels, layout } = this.#input;
    const planes = networkImage(g, camera, this.seen(g, camera), { mean, std, channels });
    const image = layout === 'NCHW' ? planes : g.op('Transpose', [planes], { perm: [0, 2, 3, 1] });
    const dtype = elementTypeOf(this.#image.elementType);
    if (dtype === 'float16') return g.op('Cast', [image], { to: ELEMENT_TYPES.float16 });
    if (dtype !== 'uint8') return image;
    const bounds = [0, 255].map((bound) => g.constant([bound], 'float32', []));
    const bytes = g.op('Clip', [g.op('Round', [image]), ...bounds]);
    return g.op('Cast', [bytes], { to: ELEMENT_TYPES.uint8 });
  }
}

function imageInput({ model, file }: OnnxFile, { name, layout }: ImportInput): ForeignValue {
  const constants = new Set(model.graph.initializers.map((constant) => constant.name));
  const inputs = model.graph.inputs.filter((candidate) => !constants.has(candidate.name));
  const input = choose(inputs, name, `${file}: input`);
  const { shape } = input;
  const dtype = elementTypeOf(input.elementType);
  if (!IMAGE_TYPES.includes(dtype)) {
    throw new TrainingError(
      `${file}: input \`${input.name}\` has type ${dtype ?? input.elementType}; expected \`float32\`, \`float16\` or \`uint8\`.`,
      { file },
    );
  }
  const [batch, channels] = [shape?.[0], shape?.[layout === 'NCHW' ? 1 : 3]];
  const fits = (extent: Dimension | undefined, expected: number) =>
    typeof extent !== 'number' || extent === expected;
  if (shape !== undefined && !(shape.length === 4 && fits(batch, 1) && fits(channels, 3))) {
    const expected = layout === 'NCHW' ? '[1, 3, h, w]' : '[1, h, w, 3]';
    throw new TrainingError(
      `${file}: input \`${input.name}\` has the shape [${shape.join(', ')}]; expected \`${expected}\` (\`layout: ${layout}\`).`,
      { file },
    );
  }
  return input;
}

function sizeOf(
  { file }: OnnxFile,
  { size, layout }: ImportInput,
  { name, shape }: ForeignValue,
): ViewOptions['size'] {
  const [height, width] = layout === 'NCHW' ? [shape?.[2], shape?.[3]] : [shape?.[1], shape?.[2]];
  const fixed = typeof height === 'number' && typeof width === 'number';
  if (size === undefined) {
    if (fixed) return { height, width };
    throw new TrainingError(
      `${file}: input \`${name}\` takes any size; say which it was made for: \`size: { height: .., width: .. }\`, or ` +
        '`size: { pixels: .., multiple: .. }` for one that follows the camera.',
      { file },
    );
  }
  const agrees = (extent: Dimension | undefined, wanted: number) =>
    typeof extent !== 'number' || extent === wanted;
  const possible =
    'height' in size
      ? agrees(height, size.height) && agrees(width, size.width)
      : typeof height !== 'number' && typeof width !== 'number';
  if (possible) return size;
  throw new TrainingError(
    `${file}: input \`${name}\` takes images of \`${width} x ${height}\` only; leave \`size\` out, or export the network for any size.`,
    { file },
  );
}

function choose(values: readonly ForeignValue[], name: string | undefined, what: string): ForeignValue {
  const list = values
    .map((value) => `\`${value.name}\` [${value.shape?.join(', ') ?? 'unknown'}]`)
    .join(', ');
  if (name === undefined) {
    const [only] = values;
    if (only !== undefined && values.length === 1) return only;
    throw new TrainingError(`${what}: name one of ${list || 'none'}.`);
  }
  const found = values.find((value) => value.name === name);
  if (found !== undefined) return found;
  throw new TrainingError(`${what}: there is no \`${name}\`; the file has ${list || 'none'}.`);
}
