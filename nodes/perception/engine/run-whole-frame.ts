import type { GraphOutput } from '../../../models/graph-contract.js';
import { graphFeeds } from '../../../models/graph-feeds.js';
import { type InferenceSession, type OnnxValue, Tensor } from '../../../models/onnxruntime.js';
import type { CameraFrame } from './camera-frame.js';
import { freeAtOnce } from './free-at-once.js';

type Fetches = Readonly<Partial<Record<GraphOutput, Tensor | null>>>;

/**
 * Has a perception graph do everything, from the image to what the messages hold.
 * @returns what was asked for besides, and the image as the network sees it if the frame wants that.
 */
export async function runWholeFrame(
  session: InferenceSession,
  frame: CameraFrame,
  besides: readonly GraphOutput[] = [],
): Promise<Readonly<Record<string, OnnxValue>>> {
  const { pixels, intrinsics, scale, depth, confidence, labels, cloud, networkImage } = frame;
  const { height, width } = pixels;
  const size = [height, width];
  const stride = cloud?.stride ?? 1;
  const fetches: Fetches = {
    ...(depth instanceof Uint16Array
      ? { depth16: new Tensor('uint16', depth, size) }
      : { depth: new Tensor('float32', depth, size) }),
    ...(confidence && { confidence: new Tensor('float32', confidence, size) }),
    ...(labels && {
      labels: new Tensor('uint8', labels.labels, size),
      color: new Tensor('uint8', labels.color, [...size, 3]),
      dynamic: new Tensor('uint8', labels.dynamic, size),
    }),
    ...(cloud && {
      points: new Tensor('float32', cloud.points, [Math.ceil(height / stride), Math.ceil(width / stride), 3]),
    }),
    ...(networkImage && { network_image: null }),
    ...Object.fromEntries(besides.map((name) => [name, null])),
  };
  const feeds = graphFeeds({
    ...{ pixels, intrinsics, scale, labels: labels !== undefined, networkImage },
    ...(cloud && { cloud }),
    ...{ depth16: depth instanceof Uint16Array, confidence: confidence !== undefined },
  });
  const results = await session.run(feeds, fetches);
  freeAtOnce(copiesOf(results, fetches));
  return results;
}

/**
 * The memory of results that lie in the buffers they were given. onnxruntime-node 1.30 copies each of them once more: megabytes
 * a frame, for which V8 would collect garbage all the time.
 */
function copiesOf(results: Readonly<Record<string, OnnxValue>>, fetches: Fetches): ArrayBuffer[] {
  return Object.entries(fetches).flatMap(([name, given]) => {
    const result = results[name];
    if (!(given instanceof Tensor && result instanceof Tensor)) return [];
    const { buffer } = result.data as Uint8Array;
    return buffer === (given.data as Uint8Array).buffer ? [] : [buffer as ArrayBuffer];
  });
}
