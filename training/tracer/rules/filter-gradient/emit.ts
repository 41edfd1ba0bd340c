import type { Lowering } from '../../lower/lowering.js';
import type { ConvGeometry } from '../conv-geometry.js';
import { emitProductTransposed } from '../emit-products.js';
import type { FilterGradientPlan } from './plan.js';
import { type Unfolding, unfold } from './unfold.js';

/**
 * Emits a filter's gradient, [O, C, kernel height, kernel width].
 * @param image, gradient NCHW.
 */
export function emitFilterGradient(
  graph: Lowering,
  image: string,
  gradient: string,
  { inChannels, outChannels, kernel }: ConvGeometry,
  plan: FilterGradientPlan,
): string {
  const g = graph.builder;
  const order = (name: string): string =>
    plan.merged ? g.op('Transpose', [name], { perm: [1, 0, 2, 3] }) : name;
  const [images, gradients] = [order(image), order(gradient)];
  const taps = plan.products.map((product) => {
    const seen = unfold(graph, images, product.image);
    const given = unfold(graph, gradients, product.gradient);
    const factors = plan.imageFirst ? [seen, given] : [given, seen];
    const matrices = emitProductTransposed(graph, factors[0] ?? '', factors[1] ?? '');
    const sum =
      product.image.groups === 1
        ? matrices
        : g.op('ReduceSum', [matrices, graph.int64([0])], { keepdims: 0 });
    const [ofImage, ofGradient] = [tapsOf(product.image), tapsOf(product.gradient)];
    const ordered = inOrder(graph, sum, plan.imageFirst, [inChannels, ofImage], [outChannels, ofGradient]);
    return g.op('Reshape', [
      ordered,
      graph.int64([outChannels, inChannels, kernel[0], plan.products.length === 1 ? kernel[1] : 1]),
    ]);
  });
  return taps.length === 1 ? (taps[0] ?? '') : g.op('Concat', taps, { axis: 3 });
}

/** A product's axes as output channels, input channels, taps: only one of the operands has taps. */
function inOrder(
  graph: Lowering,
  product: string,
  imageFirst: boolean,
  image: readonly [number, number],
  gradient: readonly [number, number],
): string {
  const g = graph.builder;
  if (!imageFirst && gradient[1] === 1) return product;
  const split = imageFirst ? [...image, ...gradient] : [...gradient, ...image];
  const perm = imageFirst ? [2, 0, 1, 3] : [0, 2, 1, 3];
  return g.op('Transpose', [g.op('Reshape', [product, graph.int64(split)])], { perm });
}

function tapsOf({ rows, columns }: Unfolding): number {
  return rows.offsets.length * columns.offsets.length;
}
