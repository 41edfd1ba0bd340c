import type { ExecutionContext } from 'ava';
import { graphFeeds } from '../../../../models/graph-feeds.js';
import { loadModel } from '../../../../models/model-store.js';
import { openSession } from '../../../../models/open-session.js';
import type { RgbPicture } from '../../../../msgs/picture/rgb-picture.js';
import type { Initializer, Node, ValueInfo } from '../../../../training/onnx/model-proto.js';
import type { ElementType } from '../../../../training/onnx/tensor-data.js';
import { int, modelBytes, node } from './carry-over.js';
import { H, picture, W } from './import-set-up.js';

export const value = (
  name: string,
  shape: (number | string)[],
  dtype: ElementType = 'float32',
): ValueInfo => ({
  name,
  type: { dtype, shape },
});
export const floats = (name: string, shape: number[], ...numbers: number[]): Initializer => ({
  ...{ name, dtype: 'float32', shape },
  source: Float32Array.from(numbers),
});
export const longs = (name: string, ...numbers: number[]): Initializer => ({
  ...{ name, dtype: 'int64', shape: [numbers.length] },
  source: BigInt64Array.from(numbers, BigInt),
});
/** Red, green and blue of `x` [1, 3, h, w] as maps of one channel. */
export const PLANES = node('Split', ['x'], ['red', 'green', 'blue'], { axis: int(1) });
export const IMAGE = value('x', [1, 3, H, W]);
export const meters = { onnx: 'net.onnx', values: { meaning: 'depth' }, metric: true } as const;

export interface Signature {
  readonly nodes: readonly Node[];
  readonly inputs?: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers?: readonly Initializer[];
}

export const network = ({ nodes, inputs = [IMAGE], outputs, initializers = [] }: Signature): Uint8Array =>
  modelBytes(13, nodes, { inputs, outputs, initializers });

/** Depth, labels and confidence of a picture. */
export async function perceived(t: ExecutionContext, folder: string, of: RgbPicture, fx = 50) {
  const { session } = await openSession((await loadModel(folder)).graphPath, 'cpu', 1);
  t.teardown(() => session.release());
  const { width, height, rgb: data } = of;
  const pixels = { data, height, width, step: 3 * width, bytesPerPixel: 3, channelOrder: [0, 1, 2] as const };
  const intrinsics = { fx, fy: fx, cx: 20, cy: 10 };
  const asked = graphFeeds({ pixels, intrinsics, labels: true, confidence: true, networkImage: true });
  const outputs = await session.run(asked);
  return {
    depth: outputs.depth.data as Float32Array,
    labels: outputs.labels.data as Uint8Array,
    confidence: outputs.confidence?.data as Float32Array | undefined,
  };
}

export const shades = picture(W, H, (x, y) => [4 * x, 8 * y, 102]);
