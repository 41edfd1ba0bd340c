import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../onnx/tensor-data.js';
import { NCHW } from '../lower/layout.js';
import type { Lowering } from '../lower/lowering.js';
import { FLOATS, type OpRule, opRule } from '../lower/op-rule.js';
import { CPU_NODE } from '../lower/target.js';
import type { Value } from '../trace/trace.js';
import type { ConvAttributes } from './conv-geometry.js';

type PoolAttributes = Omit<ConvAttributes, 'dataFormat' | 'dilations'> & {
  readonly filterSize: [number, number] | number;
};

interface PoolGeometry {
  readonly output: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padBefore: readonly [number, number];
  readonly padAfter: readonly [number, number];
  readonly outShape: readonly number[];
}

function poolGeometry(inShape: readonly number[], a: PoolAttributes): PoolGeometry {
  const info = tf.backend_util.computePool2DInfo(
    inShape as [number, number, number, number], // tf.maxPool and tf.avgPool have checked it
    a.filterSize,
    a.strides,
    1,
    a.pad,
    a.dimRoundingMode,
  );
  return {
    output: [info.outHeight, info.outWidth],
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    padBefore: [info.padInfo.top, info.padInfo.left],
    padAfter: [info.padInfo.bottom, info.padInfo.right],
    outShape: info.outShape,
  };
}

function poolAttributes({
  kernel,
  strides,
  padBefore,
  padAfter,
}: PoolGeometry): Record<string, readonly number[]> {
  return { kernel_shape: kernel, strides, pads: [...padBefore, ...padAfter] };
}

function indexedMaxPool(graph: Lowering, x: Value, geometry: PoolGeometry): string[] {
  const image = graph.read(x, NCHW);
  // onnxruntime's WebGPU provider accepts a MaxPool with indices and fails to run it.
  const name = graph.target.device === 'webgpu' ? `${CPU_NODE}MaxPool(${image})` : undefined;
  return graph.builder.node('MaxPool', [image], poolAttributes(geometry), 2, name);
}

/** One divided by the number of image pixels under each window, [1, 1, Ho, Wo]. */
function reciprocalCounts(shape: readonly number[], geometry: PoolGeometry): Float32Array {
  const { output, kernel, strides, padBefore } = geometry;
  const covered = (position: number, axis: 0 | 1): number => {
    const begin = position * strides[axis] - padBefore[axis];
    return Math.min(begin + kernel[axis], shape[axis + 1]) - Math.max(begin, 0);
  };
  const counts = new Float32Array(output[0] * output[1]);
  for (let i = 0; i < counts.length; i++) {
    counts[i] = 1 / (covered(Math.floor(i / output[1]), 0) * covered(i % output[1], 1));
  }
  return counts;
}

export const poolRules: readonly OpRule[] = [
  opRule<PoolAttributes>({
    kernelName: 'MaxPool',
    accepts: FLOATS,
    infer: ({ inputs: { x }, attributes }) => [
      { shape: poolGeometry(x.shape, attributes).outShape, dtype: x.dtype },
    ],
    lower: ({ inputs: { x }, outputs, attributes }, graph) => {
      const geometry = poolGeometry(x.shape, attributes);
      const indexed = graph.consumers(outputs[0]).some(({ kernelName }) => kernelName === 'MaxPoolGrad');
      const name = indexed
        ? indexedMaxPool(graph, x, geometry)[0]
        : graph.builder.op('MaxPool', [graph.read(x, NCHW)], poolAttributes(geometry));
      return [{ name, order: NCHW }];
    },
  }),
  /** Scatters `dy` to where MaxPool found the maxima. */
  opRule<PoolAttributes>({
    kernelName: 'MaxPoolGrad',
    accepts: FLOATS,
    infer: ({ inputs: { input } }) => [input],
    lower: ({ inputs: { dy, input }, attributes }, graph) => {
      const g = graph.builder;
      const indices = indexedMaxPool(graph, input, poolGeometry(input.shape, attributes))[1];
      const [n, h, w, c] = input.shape;
      const flat = (name: string): string => g.op('Reshape', [name, graph.int64([-1])]);
      const zeros = g.op('Expand', [graph.scalar(0), graph.int64([sizeOf(input.shape)])]);
      const sums = g.op('ScatterElements', [zeros, flat(indices), flat(graph.read(dy, NCHW))], {
        reduction: 'add',
      });
      return [{ name: g.op('Reshape', [sums, graph.int64([n, c, h, w])]), order: NCHW }];
    },
  }),
  opRule<PoolAttributes>({
    kernelName: 'AvgPool',
    accepts: FLOATS,
    infer: ({ inputs: { x }, attributes }) => [
      { shape: poolGeometry(x.shape, attributes).outShape, dtype: x.dtype },
    ],
    lower: ({ inputs: { x }, attributes }, graph) => {
      const geometry = poolGeometry(x.shape, attributes);
      const name = graph.builder.op('AveragePool', [graph.read(x, NCHW)], {
        ...poolAttributes(geometry),
        count_include_pad: 0,
      });
      return [{ name, order: NCHW }];
    },
  }),
  /** Spreads `dy`, divided by the number of pixels averaged. (TensorFlow.js 4.22 divides wrongly where there is padding.) */
  opRule<PoolAttributes>({
    kernelName: 'AvgPoolGrad',
    accepts: FLOATS,
    infer: ({ inputs: { input } }) => [input],
    lower: ({ inputs: { dy, input }, attributes }, graph) => {
      const g = graph.builder;
      const geometry = poolGeometry(input.shape, attributes);
      const { output, kernel, strides, padBefore, padAfter } = geometry;
      const counts = g.constant(reciprocalCounts(input.shape, geometry), 'float32', [1, 1, ...output]);
      const shares = g.op('Mul', [graph.read(dy, NCHW), counts]);
      if (strides[0] === 1 && strides[1] === 1) {
        const area = kernel[0] * kernel[1];
        const pads = [
          ...kernel.map((extent, i) => extent - 1 - padBefore[i]),
          ...kernel.map((extent, i) => extent - 1 - padAfter[i]),
        ];
        const padded = g.op('Pad', [shares, graph.int64([0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]])]);
        const mean = g.op('AveragePool', [padded], { kernel_shape: kernel, strides: [1, 1] });
        return [{ name: g.op('Mul', [mean, graph.scalar(area)]), order: NCHW }];
      }
      const channels = input.shape[3];
      const ones = g.constant(new Float32Array(channels * kernel[0] * kernel[1]).fill(1), 'float32', [
        channels,
        1,
        ...kernel,
      ]);
      const rest = kernel.map(
        (extent, i) =>
          input.shape[i + 1] + padBefore[i] + padAfter[i] - extent - (output[i] - 1) * strides[i],
      );
      const name = g.op('ConvTranspose', [shares, ones], {
        ...poolAttributes(geometry),
        group: channels,
        output_padding: rest,
      });
      return [{ name, order: NCHW }];
    },
  }),
];
