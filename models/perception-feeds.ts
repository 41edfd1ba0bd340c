import { Tensor } from './onnxruntime.js';

/** A picture of interleaved RGB bytes, [height, width, 3]. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Pinhole camera, pixels. */
interface Pinhole {
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
}

/**
 * The inputs of a perception graph (contract 1, docs/perception-graph.md) for depth, and labels where wanted, of one
 * undistorted RGB picture: no clouds, no 16-bit depth, no network image, metric scale 1.
 */
export function perceptionFeeds(
  { width, height, rgb }: Picture,
  { fx, fy, cx, cy }: Pinhole,
  wantLabels: boolean,
): Record<string, Tensor> {
  const int64 = (values: readonly number[], dims: readonly number[]) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  const flag = (value: boolean) => new Tensor('bool', [value], []);
  return {
    image: new Tensor('uint8', rgb, [height, width * 3]),
    width: int64([width], []),
    bytes_per_pixel: int64([3], []),
    channel_order: int64([0, 1, 2], [3]),
    k: new Tensor('float32', Float32Array.of(fx, 0, cx, 0, fy, cy, 0, 0, 1), [3, 3]),
    scale: new Tensor('float32', Float32Array.of(1), []),
    rays: new Tensor('float32', new Float32Array(0), [0, 0, 2]),
    point_stride: int64([1], []),
    want_labels: flag(wantLabels),
    want_points: flag(false),
    want_depth16: flag(false),
    want_network_image: flag(false),
  };
}
