import { TrainingError } from '../../errors.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import type { ForeignValue } from '../../onnx/read-model.js';
import { elementTypeOf } from '../../onnx/read-tensor.js';
import { join, scalarFloat, vector } from '../../onnx/shape-ops.js';
import { ELEMENT_TYPES, type ElementType, sizeOf } from '../../onnx/tensor-data.js';
import type { NetworkView } from '../network-view.js';
import type { CameraValues } from '../perception-contract.js';
import type { ExtraFeed } from './import-schema.js';
import { cameraMatrix, inverseCameraMatrix, networkIntrinsics, unitRays } from './network-camera.js';

/**
 * The value of another input than the image, in the input's type and shape.
 * @throws TrainingError naming the input, where a constant does not have its shape.
 */
export function extraFeed(
  g: GraphBuilder,
  input: ForeignValue,
  feed: ExtraFeed,
  camera: CameraValues,
  view: NetworkView,
): string {
  const dtype = elementTypeOf(input.elementType);
  if (dtype === undefined)
    throw new TrainingError(
      `input \`${input.name}\` has element type ${input.elementType}, which no value here can have`,
    );
  const typed = (value: string, is: 'float32' | 'int64' | 'float64') =>
    dtype === is ? value : g.op('Cast', [value], { to: ELEMENT_TYPES[dtype] });
  if (typeof feed === 'string') {
    const { value, shape, type } = cameraQuantity(g, feed, camera, view);
    if (shape === undefined) return typed(shapedLike(g, value, input), type);
    return typed(g.op('Reshape', [value, vector(g, targetShape(input, shape))]), type);
  }
  const stated = typeof feed === 'object' && !Array.isArray(feed) ? feed : undefined;
  const numbers = [stated?.value ?? feed].flat().map(Number);
  const shape = stated?.shape ?? constantShape(input, numbers.length);
  const values = numbers.length === 1 ? Array.from({ length: sizeOf(shape) }, () => numbers[0]) : numbers;
  if (values.length !== sizeOf(shape) || (input.shape !== undefined && !fits(input.shape, shape))) {
    throw new TrainingError(
      `input \`${input.name}\` has the shape [${input.shape?.join(', ') ?? '?'}]; expected so many numbers, got ${numbers.length}${stated ? ` of shape [${shape.join(', ')}]` : ''}`,
    );
  }
  checkWhole(input.name, dtype, values);
  return typed(g.constant(values, 'float64', shape), 'float64');
}

/** What a type of whole numbers holds. */
const WHOLE: Partial<Record<ElementType, readonly [least: number, most: number]>> = {
  ...{ bool: [0, 1], uint8: [0, 255], int8: [-128, 127], uint16: [0, 65_535], int16: [-32_768, 32_767] },
  ...{ int32: [-(2 ** 31), 2 ** 31 - 1], uint32: [0, 2 ** 32 - 1] },
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

/** A cast would cut 1.5 to 1 and say nothing. */
function checkWhole(name: string, dtype: ElementType, values: readonly number[]): void {
  const range = WHOLE[dtype];
  const wrong =
    range && values.find((value) => !(Number.isInteger(value) && value >= range[0] && value <= range[1]));
  if (range === undefined || wrong === undefined) return;
  throw new TrainingError(
    `input \`${name}\` has type ${dtype}; expected whole numbers of \`${range[0]} to ${range[1]}\`, got ${wrong}`,
  );
}

function fits(declared: NonNullable<ForeignValue['shape']>, shape: readonly number[]): boolean {
  return (
    declared.length === shape.length &&
    declared.every((extent, axis) => typeof extent !== 'number' || extent === shape[axis])
  );
}

/** The input's own shape; one axis that the file leaves open takes what is left, others are 1. */
function constantShape({ name, shape }: ForeignValue, count: number): number[] {
  if (shape === undefined) return count === 1 ? [] : [count];
  const open = shape.filter((extent) => typeof extent !== 'number').length;
  const known = sizeOf(shape.filter((extent) => typeof extent === 'number'));
  const last = shape.findLastIndex((extent) => typeof extent !== 'number');
  if (count > 1 && open > 0 && count % known !== 0)
    throw new TrainingError(
      `input \`${name}\` has the shape [${shape.join(', ')}]; ${count} numbers do not fill it`,
    );
  return shape.map((extent, axis) =>
    typeof extent === 'number' ? extent : axis === last && count > 1 ? count / known : 1,
  );
}

/** `shape` with as many axes of 1 before it as the input has more. */
function targetShape({ name, shape: declared }: ForeignValue, shape: readonly number[]): number[] {
  const size = sizeOf(shape);
  if (declared === undefined) return [...shape];
  const numbers = declared.map((extent) => (typeof extent === 'number' ? extent : undefined));
  const trailing = declared.length - shape.length;
  const target = declared.map((_, axis) => numbers[axis] ?? (axis >= trailing ? shape[axis - trailing] : 1));
  if (sizeOf(target) === size) return target;
  throw new TrainingError(
    `input \`${name}\` has the shape [${declared.join(', ')}]; expected one of ${size} numbers, [${shape.join(', ')}]`,
  );
}

/** A map of the image's size with as many axes as the input has. */
function shapedLike(g: GraphBuilder, value: string, { shape, name }: ForeignValue): string {
  const axes = (shape?.length ?? 4) - 4;
  if (axes < -1)
    throw new TrainingError(
      `input \`${name}\` has the shape [${shape?.join(', ')}]; expected \`[1, 3, h, w]\``,
    );
  if (axes === -1) return g.op('Squeeze', [value, vector(g, [0])]);
  if (axes === 0) return value;
  return g.op('Unsqueeze', [
    value,
    vector(
      g,
      Array.from({ length: axes }, (_, axis) => axis),
    ),
  ]);
}

interface Quantity {
  readonly value: string;
  readonly type: 'float32' | 'int64';
  /** Absent: a map of the image's size. */
  readonly shape?: readonly number[];
}

function cameraQuantity(
  g: GraphBuilder,
  what: Extract<ExtraFeed, string>,
  camera: CameraValues,
  view: NetworkView,
): Quantity {
  const intrinsics = networkIntrinsics(g, camera, view);
  const { fx, fy, cx, cy } = intrinsics;
  const type = 'float32' as const;
  switch (what) {
    case 'intrinsics':
      return { value: cameraMatrix(g, intrinsics), type, shape: [3, 3] };
    case 'inverse-intrinsics':
      return { value: inverseCameraMatrix(g, intrinsics), type, shape: [3, 3] };
    case 'normalized-intrinsics': {
      const float = (value: string) => g.op('Cast', [value], { to: ELEMENT_TYPES.float32 });
      const [width, height] = [float(view.width), float(view.height)];
      const part = (value: string, of: string) => g.op('Div', [value, of]);
      const parts = { fx: part(fx, width), cx: part(cx, width), fy: part(fy, height), cy: part(cy, height) };
      return { value: cameraMatrix(g, parts), type, shape: [3, 3] };
    }
    case 'fx-fy-cx-cy':
      return { value: join(g, [fx, fy, cx, cy]), type, shape: [4] };
    case 'focal-length':
      return { value: g.op('Mul', [fx, scalarFloat(g, 1)]), type, shape: [] };
    case 'rays':
      return { value: unitRays(g, camera, view), type };
    case 'height-width':
      return { value: join(g, [view.height, view.width]), type: 'int64', shape: [2] };
  }
}
