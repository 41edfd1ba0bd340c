import { InferenceSession, Tensor } from '../../../../../models/onnxruntime.js';
import type { Attributes } from '../../../../../training/onnx/encode-attributes.js';
import { GraphBuilder } from '../../../../../training/onnx/graph-builder.js';

/** Sizes of cameras and networks: shrunk and enlarged, along one axis alone, of one size, narrow, odd. */
export const SIZES = [
  { camera: { height: 75, width: 242 }, network: { height: 31, width: 102 } },
  { camera: { height: 48, width: 64 }, network: { height: 24, width: 31 } },
  { camera: { height: 20, width: 21 }, network: { height: 32, width: 64 } },
  { camera: { height: 31, width: 102 }, network: { height: 31, width: 102 } },
  { camera: { height: 40, width: 102 }, network: { height: 31, width: 102 } },
  { camera: { height: 97, width: 13 }, network: { height: 3, width: 2 } },
] as const;

/** What onnxruntime's `Resize` makes of planes. @param planes [1, channels, height, width]. */
export async function resized(
  planes: Float32Array,
  dims: readonly number[],
  to: { readonly height: number; readonly width: number },
  attributes: Attributes,
): Promise<Float32Array> {
  const g = new GraphBuilder('resize');
  const [x, sizes] = [g.input('x', 'float32', [1, 'c', 'h', 'w']), g.input('sizes', 'int64', [4])];
  g.output('y', g.op('Resize', [x, '', '', sizes], attributes), 'float32', [1, 'c', 'H', 'W']);
  const session = await InferenceSession.create(g.toModel(), { intraOpNumThreads: 1 });
  const size = BigInt64Array.from([1, dims[1] ?? 0, to.height, to.width].map(BigInt));
  const feeds = { x: new Tensor('float32', planes, dims), sizes: new Tensor('int64', size, [4]) };
  const { y } = await session.run(feeds);
  await session.release();
  return (y as Tensor).data as Float32Array; // declared so above
}

/** Differences in bits on processors of one kind; elsewhere compilers join products and sums, so that the last digit differs. */
export const TOLERANCE = process.arch === 'x64' ? 0 : 1e-6;

/** Largest difference, relative to the second where that is above 1; NaN must meet NaN, and infinity infinity. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? Number.NaN;
    if (Object.is(value, other) || value === other) continue;
    const difference = Math.abs(value - other) / Math.max(1, Math.abs(other));
    if (!(difference <= most)) most = Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
  }
  return most;
}
