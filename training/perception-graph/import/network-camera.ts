import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { join, scalar, scalarFloat, unsqueeze, vector } from '../../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import type { NetworkView } from '../network-view.js';
import type { CameraValues } from '../perception-contract.js';

/** float32 scalars, in the network's pixels. */
export type NetworkIntrinsics = Readonly<Record<'fx' | 'fy' | 'cx' | 'cy', string>>;

/**
 * The camera's intrinsics as of the network's image: the rows of K times the ratio of sizes, as the authors of networks do
 * it (the half pixel by which the centre of a resized image lies elsewhere is left out).
 */
export function networkIntrinsics(
  g: GraphBuilder,
  camera: CameraValues,
  view: NetworkView,
): NetworkIntrinsics {
  const of = (row: number, column: number) =>
    g.op('Gather', [g.op('Gather', [camera.k, scalar(g, row)]), scalar(g, column)]);
  const float = (value: string) => g.op('Cast', [value], { to: ELEMENT_TYPES.float32 });
  const { window } = view;
  const across = g.op('Div', [float(view.imageColumns), float(window?.width ?? camera.width)]);
  const down = g.op('Div', [float(view.imageRows), float(window?.height ?? camera.height)]);
  const centre = (value: string, from: string | undefined) =>
    from === undefined ? value : g.op('Sub', [value, float(from)]);
  return {
    fx: g.op('Mul', [of(0, 0), across]),
    fy: g.op('Mul', [of(1, 1), down]),
    cx: g.op('Mul', [centre(of(0, 2), window?.left), across]),
    cy: g.op('Mul', [centre(of(1, 2), window?.top), down]),
  };
}

/** float32 [3, 3]. */
export function cameraMatrix(g: GraphBuilder, { fx, fy, cx, cy }: NetworkIntrinsics): string {
  const [zero, one] = [scalarFloat(g, 0), scalarFloat(g, 1)];
  return matrix(g, [fx, zero, cx, zero, fy, cy, zero, zero, one]);
}

/** float32 [3, 3]: pixels to rays with z = 1. */
export function inverseCameraMatrix(g: GraphBuilder, { fx, fy, cx, cy }: NetworkIntrinsics): string {
  const [zero, one] = [scalarFloat(g, 0), scalarFloat(g, 1)];
  const minus = (value: string, by: string) => g.op('Neg', [g.op('Div', [value, by])]);
  return matrix(g, [
    g.op('Div', [one, fx]),
    zero,
    minus(cx, fx),
    zero,
    g.op('Div', [one, fy]),
    minus(cy, fy),
    zero,
    zero,
    one,
  ]);
}

function matrix(g: GraphBuilder, scalars: readonly string[]): string {
  return g.op('Reshape', [join(g, scalars), vector(g, [3, 3])]);
}

/** Directions of the rays through the network's pixels, x right, y down, of length 1: float32 [1, 3, h, w]. */
export function unitRays(g: GraphBuilder, camera: CameraValues, view: NetworkView): string {
  const rays = g.op('Concat', [...raysAtOne(g, camera, view)], { axis: 1 });
  return g.op('Div', [rays, lengthOf(g, rays)]);
}

/** Length of the rays with z = 1: float32 [1, 1, h, w], at least 1. */
export function rayLengths(g: GraphBuilder, camera: CameraValues, view: NetworkView): string {
  return lengthOf(g, g.op('Concat', [...raysAtOne(g, camera, view)], { axis: 1 }));
}

function lengthOf(g: GraphBuilder, rays: string): string {
  return g.op('Sqrt', [g.op('ReduceSum', [g.op('Mul', [rays, rays]), vector(g, [1])], { keepdims: 1 })]);
}

/** x, y and z = 1, each [1, 1, h, w]. */
function raysAtOne(g: GraphBuilder, camera: CameraValues, view: NetworkView): readonly string[] {
  const { fx, fy, cx, cy } = networkIntrinsics(g, camera, view);
  const along = (extent: string, centre: string, focal: string) => {
    const pixels = g.op('Cast', [g.op('Range', [scalar(g, 0), extent, scalar(g, 1)])], {
      to: ELEMENT_TYPES.float32,
    });
    return g.op('Div', [g.op('Sub', [pixels, centre]), focal]);
  };
  const size = join(g, [scalar(g, 1), scalar(g, 1), view.height, view.width]);
  const columns = g.op('Reshape', [
    along(view.width, cx, fx),
    g.op('Concat', [vector(g, [1, 1, 1]), unsqueeze(g, view.width)], { axis: 0 }),
  ]);
  const rows = g.op('Reshape', [
    along(view.height, cy, fy),
    g.op('Concat', [vector(g, [1, 1]), unsqueeze(g, view.height), vector(g, [1])], { axis: 0 }),
  ]);
  const ones = g.op('Expand', [g.constant([1], 'float32', [1, 1, 1, 1]), size]);
  return [g.op('Expand', [columns, size]), g.op('Expand', [rows, size]), ones];
}
