import type { Lowering } from '../../lower/lowering.js';
import type { ConvGeometry } from '../conv-geometry.js';
import { emitConv, emitProductTransposed } from '../emit-products.js';

/** Bytes of one image beyond which the copies of a whole batch leave the processor's caches. */
const CACHED_BYTES = 2 ** 20;

/**
 * Emits the gradient of a depthwise filter. For every channel and tap (ky, kx) the sum over batch and space of `dy` times
 * what the tap saw of `x`. Nothing in it is a large matrix product, so memory decides. Measured on a CPU (384x128, batch 8):
 * with strides or dilations onnxruntime's grouped convolution of the images by the gradients is fastest. Without, products of
 * all pairs of rows for small images, and inner products image by image for large ones with few taps. Other devices multiply
 * and sum tap by tap.
 * @param x [N, C, H, W].
 * @param dy [N, C * multiplier, output height, output width].
 * @returns [C * multiplier, kernel height, kernel width].
 */
export function emitDepthwiseFilterGradient(
  graph: Lowering,
  x: string,
  dy: string,
  geometry: ConvGeometry,
): string {
  const { input, kernel, strides, dilations, inChannels, outChannels } = geometry;
  if (graph.target.device !== 'cpu') return tapByTap(graph, x, dy, geometry);
  const plain = [...strides, ...dilations].every((step) => step === 1) && inChannels === outChannels;
  if (!plain) return byConvolution(graph, x, dy, geometry);
  const large = inChannels * input[0] * input[1] * 4 > CACHED_BYTES && kernel[0] * kernel[1] <= 9;
  return large ? imageByImage(graph, x, dy, geometry) : byRowPairs(graph, x, dy, geometry);
}

/** Every image's every channel is convolved with its gradient; strides and dilations change places. */
function byConvolution(graph: Lowering, x: string, dy: string, geometry: ConvGeometry): string {
  const g = graph.builder;
  const { batch, input, output, kernel, strides, dilations, padBefore, inChannels, outChannels } = geometry;
  const seen = kernel.map((taps, i) => (taps - 1) * dilations[i] + (output[i] - 1) * strides[i] + 1);
  const padAfter = seen.map((extent, i) => Math.max(0, extent - input[i] - padBefore[i]));
  const images = g.op('Reshape', [x, graph.int64([1, batch * inChannels, ...input])]);
  const filters = g.op('Reshape', [dy, graph.int64([batch * outChannels, 1, ...output])]);
  const groups = batch * inChannels;
  const convolved = emitConv(
    graph,
    [images, filters],
    {
      kernel_shape: output,
      strides: dilations,
      dilations: strides,
      pads: [...padBefore, ...padAfter],
      group: groups,
    },
    { inChannels: groups, groups },
  );
  // Rows that no tap of the forward pass reached give more than the kernel's.
  const each = g.op('Slice', [convolved, graph.int64([0, 0]), graph.int64(kernel), graph.int64([2, 3])]);
  const split = g.op('Reshape', [each, graph.int64([batch, outChannels, ...kernel])]);
  return g.op('ReduceSum', [split, graph.int64([0])], { keepdims: 0 });
}

/**
 * For every column kx of the kernel the products of all rows of the image, shifted by kx, with all rows of the gradient. The
 * pairs that are ky rows apart are summed by a product with a constant of zeros and ones.
 */
function byRowPairs(graph: Lowering, x: string, dy: string, geometry: ConvGeometry): string {
  const g = graph.builder;
  const { batch, input, output, kernel, padBefore, inChannels } = geometry;
  const rows = output[0] + kernel[0] - 1;
  const pairs = new Float32Array(kernel[0] * rows * output[0]);
  for (let ky = 0; ky < kernel[0]; ky++)
    for (let i = 0; i < output[0]; i++) pairs[(ky * rows + i + ky) * output[0] + i] = 1;
  const apart = g.constant(pairs, 'float32', [1, kernel[0], rows * output[0]]);
  const columns = Array.from({ length: kernel[1] }, (_, kx) => {
    const left = padBefore[1] - kx;
    const right = output[1] - input[1] - left;
    const below = rows - input[0] - padBefore[0];
    const shifted = g.op('Pad', [x, graph.int64([0, 0, padBefore[0], left, 0, 0, below, right])]);
    const products = emitProductTransposed(graph, shifted, dy);
    const flat = g.op('Reshape', [products, graph.int64([1, batch * inChannels, rows * output[0]])]);
    return emitProductTransposed(graph, apart, flat);
  });
  // [kernel width, kernel height, N, C].
  const stacked = g.op('Reshape', [
    columns.length === 1 ? (columns[0] ?? '') : g.op('Concat', columns, { axis: 0 }),
    graph.int64([kernel[1], kernel[0], batch, inChannels]),
  ]);
  const summed = g.op('ReduceSum', [stacked, graph.int64([2])], { keepdims: 0 });
  return g.op('Transpose', [summed], { perm: [2, 1, 0] });
}

/** Inner products of what each tap saw with the gradient, one image after the other, so that the copies stay in the caches. */
function imageByImage(graph: Lowering, x: string, dy: string, geometry: ConvGeometry): string {
  const g = graph.builder;
  const { batch, output, kernel, padBefore, padAfter, inChannels } = geometry;
  const pixels = output[0] * output[1];
  const image = (name: string, n: number) =>
    g.op('Slice', [name, graph.int64([n]), graph.int64([n + 1]), graph.int64([0])]);
  const gradients = Array.from({ length: batch }, (_, n) => {
    const padded = g.op('Pad', [image(x, n), graph.int64([0, 0, ...padBefore, 0, 0, ...padAfter])]);
    const gradient = g.op('Reshape', [image(dy, n), graph.int64([inChannels, 1, pixels])]);
    const taps = tapsOf(geometry).map(([ky, kx]) => {
      const begin = graph.int64([ky, kx]);
      const end = graph.int64([ky + output[0], kx + output[1]]);
      const seen = g.op('Slice', [padded, begin, end, graph.int64([2, 3])]);
      const rows = g.op('Reshape', [seen, graph.int64([inChannels, 1, pixels])]);
      return emitProductTransposed(graph, rows, gradient);
    });
    return taps.length === 1 ? (taps[0] ?? '') : g.op('Concat', taps, { axis: 1 });
  });
  const all = gradients.length === 1 ? (gradients[0] ?? '') : g.op('Concat', gradients, { axis: 0 });
  const split = g.op('Reshape', [all, graph.int64([batch, inChannels, ...kernel])]);
  return g.op('ReduceSum', [split, graph.int64([0])], { keepdims: 0 });
}

function tapByTap(graph: Lowering, x: string, dy: string, geometry: ConvGeometry): string {
  const g = graph.builder;
  const { batch, output, kernel, strides, dilations, padBefore, padAfter, inChannels, outChannels } =
    geometry;
  const image = g.op('Pad', [x, graph.int64([0, 0, ...padBefore, 0, 0, ...padAfter])]);
  const multiplier = outChannels / inChannels;
  const gradient = g.op('Reshape', [dy, graph.int64([batch, inChannels, multiplier, ...output])]);
  const taps = tapsOf(geometry).map((tap) => {
    const begin = tap.map((k, i) => k * (dilations[i] ?? 1));
    const end = begin.map((from, i) => from + ((output[i] ?? 1) - 1) * (strides[i] ?? 1) + 1);
    const seen = g.op('Slice', [
      image,
      graph.int64(begin),
      graph.int64(end),
      graph.int64([2, 3]),
      graph.int64(strides),
    ]);
    const product = g.op('Mul', [gradient, g.op('Unsqueeze', [seen, graph.int64([2])])]);
    const sum = g.op('ReduceSum', [product, graph.int64([0, 3, 4])], { keepdims: 0 });
    return g.op('Reshape', [sum, graph.int64([outChannels, 1])]);
  });
  const stacked = taps.length === 1 ? (taps[0] ?? '') : g.op('Concat', taps, { axis: 1 });
  return g.op('Reshape', [stacked, graph.int64([outChannels, ...kernel])]);
}

/** Row by row. */
function tapsOf({ kernel }: ConvGeometry): [number, number][] {
  return Array.from({ length: kernel[0] }, (_, ky) =>
    Array.from({ length: kernel[1] }, (_, kx): [number, number] => [ky, kx]),
  ).flat();
}
