import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { element, join, scalar, scalarFloat, vector } from '../../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import type { NetworkView } from '../network-view.js';
import type { CameraValues } from '../perception-contract.js';

/** float32 scalars, in the network's pixels. */
export type NetworkIntrinsics = Readonly<Record<'fx' | 'fy' | 'cx' | 'cy', string>>;

/**
 * The camera's intrinsics as of the network's image: the rows of K times the ratio of sizes, as the authors of networks do
 * it. The half pixel by which the centre of a resized image lies elsewhere is left out.
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
  const { x, y, ones } = raysAtOne(g, networkIntrinsics(g, camera, view), view);
  const rays = g.op('Unsqueeze', [
    g.op(
      'Concat',
      [g.op('Mul', [x, ones]), g.op('Mul', [y, ones]), ones].map((plane) =>
        g.op('Unsqueeze', [plane, vector(g, [0])]),
      ),
      {
        axis: 0,
      },
    ),
    vector(g, [0]),
  ]);
  const squares = g.op('ReduceSum', [g.op('Mul', [rays, rays]), vector(g, [1])], { keepdims: 1 });
  return g.op('Div', [rays, g.op('Sqrt', [squares])]);
}

/** Length of the camera's rays with z = 1: float32 [H, W], at least 1. */
export function rayLengths(g: GraphBuilder, camera: CameraValues): string {
  const of = (row: number, column: number) => element(g, g.op('Gather', [camera.k, scalar(g, row)]), column);
  const intrinsics = { fx: of(0, 0), fy: of(1, 1), cx: of(0, 2), cy: of(1, 2) };
  const { x, y, ones } = raysAtOne(g, intrinsics, camera);
  return g.op('Sqrt', [g.op('Add', [g.op('Add', [g.op('Mul', [x, x]), g.op('Mul', [y, y])]), ones])]);
}

/** x [1, w] and y [h, 1] at z = 1, and ones [h, w]. */
function raysAtOne(
  g: GraphBuilder,
  { fx, fy, cx, cy }: NetworkIntrinsics,
  { height, width }: { readonly height: string; readonly width: string },
): Readonly<Record<'x' | 'y' | 'ones', string>> {
  const along = (extent: string, centre: string, focal: string) => {
    const pixels = g.op('Cast', [g.op('Range', [scalar(g, 0), extent, scalar(g, 1)])], {
      to: ELEMENT_TYPES.float32,
    });
    return g.op('Div', [g.op('Sub', [pixels, centre]), focal]);
  };
  return {
    x: g.op('Unsqueeze', [along(width, cx, fx), vector(g, [0])]),
    y: g.op('Unsqueeze', [along(height, cy, fy), vector(g, [1])]),
    ones: g.op('Expand', [scalarFloat(g, 1), join(g, [height, width])]),
  };
}
