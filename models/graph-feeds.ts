import type { Intrinsics } from '../msgs/camera/intrinsics.js';
import type { Pixels } from '../msgs/picture/pixels.js';
import type { GraphInput } from './graph-contract.js';
import { Tensor } from './onnxruntime.js';

/** What a perception graph is asked: the camera's pixels, and what is wanted of them. */
export interface GraphRequest {
  readonly pixels: Pixels;
  /** Intrinsics of the image as delivered. */
  readonly intrinsics: Intrinsics;
  /** Metric scale factor; 1 by default. */
  readonly scale?: number;
  /** Rays of every `stride`-th pixel, [ceil(height / stride), ceil(width / stride), 2]; absent: no points. */
  readonly cloud?: { readonly rays: Float32Array; readonly stride: number };
  readonly labels?: boolean;
  readonly depth16?: boolean;
  readonly networkImage?: boolean;
  readonly confidence?: boolean;
  /**
   * [3, height, width] R, G, B, 0..255: the image as the network sees it, shrunk by somebody else. `pixels` is then black, and
   * of that size.
   */
  readonly resizedImage?: Float32Array;
}

const NOT_RESIZED = { data: new Float32Array(1), dims: [1, 1, 1, 1] };

/** The inputs of a perception graph; the picture and the rays are not copied. A graph without an optional one ignores it. */
export function graphFeeds(request: GraphRequest): Record<GraphInput, Tensor> {
  const { pixels, intrinsics, scale = 1, cloud } = request;
  const { height, width, step } = pixels;
  const { fx, fy, cx, cy } = intrinsics;
  const stride = cloud?.stride ?? 1;
  const cloudSize = cloud === undefined ? [0, 0] : [Math.ceil(height / stride), Math.ceil(width / stride)];
  return {
    image: new Tensor('uint8', pixels.data, [height, step]),
    width: int64([width], []),
    bytes_per_pixel: int64([pixels.bytesPerPixel], []),
    channel_order: int64(pixels.channelOrder, [3]),
    k: new Tensor('float32', Float32Array.of(fx, 0, cx, 0, fy, cy, 0, 0, 1), [3, 3]),
    scale: new Tensor('float32', Float32Array.of(scale), []),
    rays: new Tensor('float32', cloud?.rays ?? new Float32Array(0), [...cloudSize, 2]),
    point_stride: int64([stride], []),
    want_labels: flag(request.labels),
    want_points: flag(cloud !== undefined),
    want_depth16: flag(request.depth16),
    want_network_image: flag(request.networkImage),
    want_confidence: flag(request.confidence),
    resized_image: resizedImage(request),
  };
}

function resizedImage({ resizedImage: data, pixels: { height, width } }: GraphRequest): Tensor {
  const added = data === undefined ? NOT_RESIZED : { data, dims: [1, 3, height, width] };
  return new Tensor('float32', added.data, added.dims);
}

function int64(values: readonly number[], shape: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
}

function flag(value = false): Tensor {
  return new Tensor('bool', [value], []);
}
