import { axisWeights, type Interpolation } from '../../ops/resize-weights.js';
import { NCHW } from '../lower/layout.js';
import type { Lowering } from '../lower/lowering.js';
import { FLOATS, type OpRule, opRule } from '../lower/op-rule.js';
import type { Value } from '../trace/trace.js';

interface ResizeAttributes {
  alignCorners: boolean;
  halfPixelCenters: boolean;
  size?: [number, number];
}

/** A whole factor from `from` to `to`, if there is one. */
function wholeFactor(from: number, to: number): number | undefined {
  return to % from === 0 ? to / from : undefined;
}

/** The operands of Resize: scales where these are exact in both directions, else sizes. */
function resizeOperands(graph: Lowering, x: Value, size: readonly [number, number]): string[] {
  const [, height, width, channels] = x.shape;
  const scales = [size[0] / height, size[1] / width];
  const exact = scales.every((scale) => Number.isInteger(scale) || Number.isInteger(1 / scale));
  if (exact) {
    return [graph.read(x, NCHW), '', graph.builder.constant([1, 1, ...scales], 'float32', [4])];
  }
  return [graph.read(x, NCHW), '', '', graph.int64([x.shape[0], channels, ...size])];
}

function coordinates({ alignCorners, halfPixelCenters }: ResizeAttributes): string {
  if (alignCorners) return 'align_corners';
  return halfPixelCenters ? 'half_pixel' : 'asymmetric';
}

/** dy [N, C, Ho, Wo] -> Ry^T dy Rx with the interpolation matrices R [out, in] of both axes. */
function resizeGradient(
  graph: Lowering,
  dy: Value,
  x: Value,
  a: ResizeAttributes,
  kind: Interpolation,
): string {
  const g = graph.builder;
  const [, height, width] = x.shape;
  const [, outHeight, outWidth] = dy.shape;
  const rows = axisWeights(kind, height, outHeight, a.alignCorners, a.halfPixelCenters);
  const columns = axisWeights(kind, width, outWidth, a.alignCorners, a.halfPixelCenters);
  const transposed = new Float32Array(rows.length);
  for (let i = 0; i < outHeight; i++) {
    for (let j = 0; j < height; j++) transposed[j * outHeight + i] = rows[i * height + j];
  }
  const horizontal = g.op('MatMul', [
    graph.read(dy, NCHW),
    g.constant(columns, 'float32', [outWidth, width]),
  ]);
  return g.op('MatMul', [g.constant(transposed, 'float32', [height, outHeight]), horizontal]);
}

function resizedShape(x: Value, size: readonly [number, number]): number[] {
  return [x.shape[0], ...size, x.shape[3]];
}

export const resizeRules: readonly OpRule[] = [
  opRule<ResizeAttributes & { size: [number, number] }>({
    kernelName: 'ResizeBilinear',
    accepts: FLOATS,
    infer: ({ inputs: { images }, attributes: { size } }) => [
      { shape: resizedShape(images, size), dtype: 'float32' },
    ],
    lower: ({ inputs: { images }, attributes }, graph) => [
      {
        name: graph.builder.op('Resize', resizeOperands(graph, images, attributes.size), {
          mode: 'linear',
          coordinate_transformation_mode: coordinates(attributes),
        }),
        order: NCHW,
      },
    ],
  }),
  opRule<ResizeAttributes>({
    kernelName: 'ResizeBilinearGrad',
    accepts: FLOATS,
    infer: ({ inputs: { images } }) => [images],
    lower: ({ inputs: { dy, images }, attributes }, graph) => [
      { name: resizeGradient(graph, dy, images, attributes, 'bilinear'), order: NCHW },
    ],
  }),
  opRule<ResizeAttributes & { size: [number, number] }>({
    kernelName: 'ResizeNearestNeighbor',
    infer: ({ inputs: { images }, attributes: { size } }) => [
      { shape: resizedShape(images, size), dtype: images.dtype },
    ],
    lower: ({ inputs: { images }, attributes }, graph) => {
      const g = graph.builder;
      const { size, alignCorners, halfPixelCenters } = attributes;
      const [, height, width] = images.shape;
      const whole = wholeFactor(height, size[0]) !== undefined && wholeFactor(width, size[1]) !== undefined;
      if (whole && !alignCorners) {
        const name = g.op('Resize', resizeOperands(graph, images, size), {
          mode: 'nearest',
          coordinate_transformation_mode: 'asymmetric',
          nearest_mode: 'floor',
        });
        return [{ name, order: NCHW }];
      }
      const indices = (from: number, to: number): string => {
        const weights = axisWeights('nearest', from, to, alignCorners, halfPixelCenters);
        const sources = Array.from({ length: to }, (_, i) =>
          weights.subarray(i * from, (i + 1) * from).indexOf(1),
        );
        return graph.int64(sources);
      };
      const rows = g.op('Gather', [graph.read(images, NCHW), indices(height, size[0])], { axis: 2 });
      return [{ name: g.op('Gather', [rows, indices(width, size[1])], { axis: 3 }), order: NCHW }];
    },
  }),
  opRule<ResizeAttributes>({
    kernelName: 'ResizeNearestNeighborGrad',
    accepts: FLOATS,
    infer: ({ inputs: { images } }) => [images],
    lower: ({ inputs: { dy, images }, attributes }, graph) => {
      const g = graph.builder;
      const fy = wholeFactor(images.shape[1], dy.shape[1]);
      const fx = wholeFactor(images.shape[2], dy.shape[2]);
      if (fy === undefined || fx === undefined || attributes.alignCorners) {
        return [{ name: resizeGradient(graph, dy, images, attributes, 'nearest'), order: NCHW }];
      }
      const mean = g.op('AveragePool', [graph.read(dy, NCHW)], { kernel_shape: [fy, fx], strides: [fy, fx] });
      return [{ name: g.op('Mul', [mean, graph.scalar(fy * fx)]), order: NCHW }];
    },
  }),
];
