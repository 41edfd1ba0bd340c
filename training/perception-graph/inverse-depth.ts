import type { Manifest } from '../../models/manifest.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { join, scalarFloat } from '../onnx/shape-ops.js';
import type { CameraValues } from './perception-contract.js';

/** Depth that networks give in metres is cut to this range before it is inverted. */
export const NEAREST_METERS = 1e-3;
export const FARTHEST_METERS = 1e6;

/**
 * 1 / depth from what a network gives, by what its manifest calls that. `disparity` is 1 / depth already: networks of this
 * project have their sigmoid scaled.
 */
export function inverseDepth(
  g: GraphBuilder,
  values: string,
  depth: Exclude<Manifest['depth'], { readonly kind: 'none' }>,
): string {
  switch (depth.kind) {
    case 'disparity':
    case 'inverse-depth':
      return values;
    case 'depth':
      return inverted(g, values);
    case 'affine-inverse-depth':
      return line(g, values, depth.affine?.scale ?? 1, depth.affine?.shift ?? 0);
    case 'affine-depth':
      return inverted(g, line(g, values, depth.affine?.scale ?? 1, depth.affine?.shift ?? 0));
  }
}

/** scale * values + shift. */
export function line(g: GraphBuilder, values: string, scale: number, shift: number): string {
  const scaled = scale === 1 ? values : g.op('Mul', [values, scalarFloat(g, scale)]);
  return shift === 0 ? scaled : g.op('Add', [scaled, scalarFloat(g, shift)]);
}

/** 1 / metres. */
function inverted(g: GraphBuilder, meters: string): string {
  const clipped = g.op('Clip', [meters, scalarFloat(g, NEAREST_METERS), scalarFloat(g, FARTHEST_METERS)]);
  return g.op('Reciprocal', [clipped]);
}

/** NaN everywhere: the depth of a model of segmentation alone. */
export function unknownDepth(g: GraphBuilder, camera: CameraValues): string {
  const value = { dtype: 'float32', shape: [1], data: Float32Array.of(Number.NaN) } as const;
  return g.op('ConstantOfShape', [join(g, [camera.height, camera.width])], { value: { tensor: value } });
}
