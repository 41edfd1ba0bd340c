import { TrainingError } from '../../errors.js';
import type { Dimension } from '../../onnx/model-proto.js';
import type { OnnxFile } from '../../onnx/onnx-file.js';
import type { ForeignValue } from '../../onnx/read-model.js';
import { elementTypeOf } from '../../onnx/read-tensor.js';
import type { ElementType } from '../../onnx/tensor-data.js';
import type { PixelOptions, ViewOptions } from '../network-view.js';
import type { ImportInput } from './import-schema.js';
import { choose, listOf, runtimeInputs } from './onnx-values.js';

/** The input of a network that takes the image, and how. */
export interface ImageInput {
  readonly value: ForeignValue;
  readonly layout: 'NCHW' | 'NHWC';
  readonly channels: NonNullable<PixelOptions['channels']>;
  readonly count: 1 | 3;
  /** Number of its axes, 2 to 6; four where the file does not say. */
  readonly rank: number;
  readonly size: ViewOptions['size'];
  readonly mean: PixelOptions['mean'];
  readonly std: PixelOptions['std'];
}

/** What whole numbers get where the description does not say: the camera's bytes. */
const AS_BYTES = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] } as const;
const AS_SIGNED_BYTES = { ...AS_BYTES, mean: [128 / 255, 128 / 255, 128 / 255] } as const;
const DEFAULT_PIXELS: Partial<Record<ElementType, Pick<ImageInput, 'mean' | 'std'>>> = {
  ...{ uint8: AS_BYTES, uint16: AS_BYTES, int32: AS_BYTES, int8: AS_SIGNED_BYTES },
};

const IMAGE_TYPES: readonly ElementType[] = [
  'float32',
  'float16',
  'float64',
  'uint8',
  'int8',
  'uint16',
  'int32',
];
const MOST_AXES = 6;

/** Range of the whole numbers that images of such types hold. */
export const INTEGER_RANGE: Partial<Record<ElementType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int32: [-2_147_483_520, 2_147_483_520],
};

/**
 * Which input of a network takes the image: the one that is named, or the only one that can.
 * @param others inputs that the description feeds with something else.
 * @throws TrainingError naming the file where the description does not fit it.
 */
export function imageInput(onnx: OnnxFile, input: ImportInput, others: readonly string[]): ImageInput {
  const { file } = onnx;
  const inputs = runtimeInputs(onnx);
  const open = inputs.filter(({ name }) => !others.includes(name));
  const images = open.filter(isImage);
  if (open.length === 0 && input.name === undefined && inputs.length > 0)
    throw new TrainingError(
      `${file}: \`inputs\` feeds every input, ${listOf(inputs)}; leave out the one that takes the image.`,
    );
  const value =
    input.name === undefined && images.length === 1
      ? images[0]
      : choose(input.name === undefined ? open : inputs, input.name, `${file}: input`);
  const { shape } = value;
  const dtype = elementTypeOf(value.elementType);
  if (dtype === undefined || !IMAGE_TYPES.includes(dtype)) {
    throw new TrainingError(
      `${file}: input \`${value.name}\` has type ${dtype ?? value.elementType}; expected ${IMAGE_TYPES.map((type) => `\`${type}\``).join(', ')}.`,
    );
  }
  const rank = shape?.length ?? 4;
  const layout = input.layout ?? layoutOf(shape);
  const { rows, columns, channelAxis } = axesOf(rank, layout);
  const declared = channelAxis === undefined ? 1 : shape?.[channelAxis];
  const isGrey = input.channels === 'grey' || (input.channels === undefined && declared === 1);
  const count = declared === 1 || (isGrey && declared !== 3) ? 1 : 3;
  const rest = (shape ?? []).filter((_, axis) => axis !== rows && axis !== columns && axis !== channelAxis);
  const fits = (extent: Dimension | undefined, expected: number) =>
    typeof extent !== 'number' || extent === expected;
  if (
    rank < 2 ||
    rank > MOST_AXES ||
    !fits(declared, count) ||
    (count === 1 && !isGrey) ||
    rest.some((extent) => !fits(extent, 1))
  ) {
    const expected = layout === 'NCHW' ? `[1, ${count}, h, w]` : `[1, h, w, ${count}]`;
    throw new TrainingError(
      `${file}: input \`${value.name}\` has the shape [${shape?.join(', ')}]; expected \`${expected}\` (\`layout: ${layout}\`, \`channels: ${input.channels ?? 'RGB'}\`).`,
    );
  }
  const channels = isGrey ? 'grey' : (input.channels ?? 'RGB');
  const size = sizeOf(file, input, value.name, { height: shape?.[rows], width: shape?.[columns] });
  const { mean = [0, 0, 0], std = [1, 1, 1] } = { ...DEFAULT_PIXELS[dtype], ...definedPixels(input) };
  checkWholeSteps(`${file}: input \`${value.name}\``, dtype, mean, std);
  return { value, layout, channels, count, rank, size, mean, std };
}

/** So few different numbers are no picture any more. */
const FEWEST_STEPS = 16;

/** Whole numbers that are normalised as if they were fractions leave nothing of a picture, and nobody would be told. */
function checkWholeSteps(
  text: string,
  dtype: ElementType,
  mean: PixelOptions['mean'],
  std: PixelOptions['std'],
) {
  const range = INTEGER_RANGE[dtype];
  if (range === undefined) return;
  for (const [channel, deviation] of std.entries()) {
    const [from, to] = [0, 1].map((share) => (share - (mean[channel] ?? 0)) / deviation);
    const least = Math.max(range[0], Math.round(from));
    const most = Math.min(range[1], Math.round(to));
    if (most - least + 1 >= FEWEST_STEPS) continue;
    throw new TrainingError(
      `${text} has type ${dtype}, whole numbers; \`mean\` and \`std\` turn pictures into ${Math.max(0, most - least + 1)} of them: leave both out, and it gets 0 to 255 (int8: -128 to 127).`,
    );
  }
}

function definedPixels({ mean, std }: ImportInput): Partial<Pick<ImageInput, 'mean' | 'std'>> {
  if (mean === undefined && std === undefined) return {};
  return { mean: mean ?? [0, 0, 0], std: std ?? [1, 1, 1] };
}

/** Whether a value has the type and shape of an image. */
export function isImage({ elementType, shape }: ForeignValue): boolean {
  const dtype = elementTypeOf(elementType);
  if (dtype === undefined || !IMAGE_TYPES.includes(dtype)) return false;
  if (shape === undefined) return true;
  const rank = shape.length;
  if (rank < 3 || rank > MOST_AXES) return false;
  const { rows, columns, channelAxis } = axesOf(rank, layoutOf(shape));
  const channels = channelAxis === undefined ? 1 : shape[channelAxis];
  const large = (extent: Dimension) => typeof extent !== 'number' || extent > 4;
  return (
    (typeof channels !== 'number' || channels === 1 || channels === 3) &&
    large(shape[rows]) &&
    large(shape[columns])
  );
}

/** Three or one channels tell the layout. */
function layoutOf(shape: readonly Dimension[] | undefined): 'NCHW' | 'NHWC' {
  if (shape === undefined || shape.length < 3) return 'NCHW';
  const isChannels = (extent: Dimension) => extent === 3 || extent === 1;
  const [first, , last] = shape.slice(-3);
  return isChannels(last) && !isChannels(first) ? 'NHWC' : 'NCHW';
}

function axesOf(rank: number, layout: 'NCHW' | 'NHWC') {
  if (rank < 3) return { rows: 0, columns: 1, channelAxis: undefined };
  return layout === 'NCHW'
    ? { rows: rank - 2, columns: rank - 1, channelAxis: rank - 3 }
    : { rows: rank - 3, columns: rank - 2, channelAxis: rank - 1 };
}

function sizeOf(
  file: string,
  { size }: ImportInput,
  name: string,
  { height, width }: { height: Dimension | undefined; width: Dimension | undefined },
): ViewOptions['size'] {
  const fixed = typeof height === 'number' && typeof width === 'number';
  if (size === undefined) {
    if (fixed) return { height, width };
    throw new TrainingError(
      `${file}: input \`${name}\` takes any size; say which it was made for: \`size: { height: .., width: .. }\`, or ` +
        '`size: { pixels: .., multiple: .. }` for one that follows the camera.',
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
  );
}
