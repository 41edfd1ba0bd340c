import * as tf from '@tensorflow/tfjs';
import { identityOrder } from '../lower/layout.js';
import { type OpRule, opRule } from '../lower/op-rule.js';
import type { Value } from '../trace/trace.js';
import { lowerReshape } from './lower-reshape.js';
import { emitSlice } from './lower-slice.js';

interface SliceAttributes {
  begin: number | number[];
  size: number | number[];
}

interface StridedSliceAttributes {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

function sliceRange(x: Value, { begin, size }: SliceAttributes): [number[], number[]] {
  const [from, extent] = tf.slice_util.parseSliceParams(
    { ...x, dataId: {}, shape: [...x.shape] },
    begin,
    size,
  );
  tf.slice_util.assertParamsValid({ ...x, dataId: {}, shape: [...x.shape] }, from, extent);
  return [from, extent];
}

function stridedInfo(x: Value, a: StridedSliceAttributes): tf.slice_util.SliceInfo {
  return tf.slice_util.sliceInfo(
    [...x.shape],
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  );
}

export const sliceRules: readonly OpRule[] = [
  opRule<SliceAttributes>({
    kernelName: 'Slice',
    uniform: 'moves',
    infer: ({ inputs: { x }, attributes }) => [{ shape: sliceRange(x, attributes)[1], dtype: x.dtype }],
    simplify: ({ inputs: { x } }, type) => (x.shape.join() === type.shape.join() ? x : undefined),
    lower: ({ inputs: { x }, attributes }, graph) => {
      const [begin, size] = sliceRange(x, attributes);
      const order = graph.order(x);
      const slices = begin.map((from, axis) => ({ axis, begin: from, end: from + size[axis], step: 1 }));
      return [{ name: emitSlice(graph, graph.read(x, order), x.shape, order, slices), order }];
    },
  }),
  opRule<StridedSliceAttributes>({
    kernelName: 'StridedSlice',
    uniform: 'moves',
    infer: ({ inputs: { x }, attributes }) => [
      { shape: stridedInfo(x, attributes).finalShape, dtype: x.dtype },
    ],
    lower: ({ inputs: { x }, outputs, attributes }, graph) => {
      const { begin, end, strides } = stridedInfo(x, attributes);
      const order = graph.order(x);
      const slices = begin.map((from, axis) => ({ axis, begin: from, end: end[axis], step: strides[axis] }));
      const name = emitSlice(graph, graph.read(x, order), x.shape, order, slices);
      const shape = tf.slice_util.computeOutShape(begin, end, strides);
      const sliced = graph.temporary({ shape, dtype: x.dtype }, { name, order });
      return [lowerReshape(graph, sliced, outputs[0].shape)];
    },
  }),
  opRule<{ dims: number[] }>({
    kernelName: 'Reverse',
    uniform: 'moves',
    infer: ({ inputs: { x } }) => [x],
    lower: ({ inputs: { x }, attributes: { dims } }, graph) => {
      const order = graph.order(x);
      const slices = tf.util
        .parseAxisParam(dims, [...x.shape])
        .map((axis) => ({ axis, begin: x.shape[axis] - 1, end: -1, step: -1 }));
      return [{ name: emitSlice(graph, graph.read(x, order), x.shape, order, slices), order }];
    },
  }),
  opRule<{ numOrSizeSplits: number | number[]; axis: number }>({
    kernelName: 'SplitV',
    list: true,
    infer: ({ inputs: { x }, attributes: { numOrSizeSplits, axis } }) => {
      const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
      const sizes = tf.backend_util.prepareSplitSize(
        { ...x, shape: [...x.shape] } as unknown as tf.Tensor, // it reads the shape alone
        numOrSizeSplits,
        along,
      );
      return sizes.map((size) => ({
        shape: x.shape.map((extent, i) => (i === along ? size : extent)),
        dtype: x.dtype,
      }));
    },
    lower: ({ inputs: { x }, outputs, attributes: { axis } }, graph) => {
      const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
      const order = graph.order(x);
      const name = graph.read(x, order);
      let begin = 0;
      return outputs.map(({ shape }) => {
        const slice = { axis: along, begin, end: begin + shape[along], step: 1 };
        begin = slice.end;
        return { name: emitSlice(graph, name, x.shape, order, [slice]), order };
      });
    },
  }),
  opRule<{ axis: number }>({
    kernelName: 'Unpack',
    list: true,
    infer: ({ inputs: { value }, attributes: { axis } }) => {
      const along = axis < 0 ? axis + value.shape.length : axis;
      const shape = value.shape.filter((_, i) => i !== along);
      return Array.from({ length: value.shape[along] }, () => ({ shape, dtype: value.dtype }));
    },
    lower: ({ inputs: { value }, outputs, attributes: { axis } }, graph) => {
      const along = axis < 0 ? axis + value.shape.length : axis;
      const order = graph.order(value);
      const name = graph.read(value, order);
      const rest = order.filter((i) => i !== along).map((i) => (i > along ? i - 1 : i));
      return outputs.map((_, index) => ({
        name: graph.builder.op('Gather', [name, graph.builder.constant([index], 'int64', [])], {
          axis: order.indexOf(along),
        }),
        order: rest.length === 0 ? identityOrder(0) : rest,
      }));
    },
  }),
];
