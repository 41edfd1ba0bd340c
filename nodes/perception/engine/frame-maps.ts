import type { BufferPool } from './buffer-pool.js';

/** A frame at the network's resolution: what is needed to compare it with others. All in one buffer. */
export interface FrameMaps {
  readonly height: number;
  readonly width: number;
  /** [height, width, 3] RGB. */
  readonly image: Uint8Array;
  /** [height, width] as the depth message; +Inf too far, NaN unknown. */
  readonly depth: Float32Array;
  /** [height, width]; absent without segmentation. */
  readonly labels?: Uint8Array;
  /** Of the frame's cloud; 0 = none. */
  readonly pointStride: number;
}

/** Results of the camera's size, [height, width]. */
export interface CameraResults {
  readonly height: number;
  readonly width: number;
  /** Metres, or millimetres with 0 for what is invalid or too far. */
  readonly depth: Float32Array | Uint16Array;
  readonly labels?: Uint8Array;
  readonly pointStride: number;
}

/**
 * Takes the camera's results at the pixels that lie nearest to the centres of the network's.
 * @param image [height, width, 3]; copied.
 */
export function frameMaps(
  image: Uint8Array,
  { height, width }: { readonly height: number; readonly width: number },
  results: CameraResults,
  pool: BufferPool,
): FrameMaps {
  const area = height * width;
  const buffer = pool.take(8 * area);
  const maps = {
    ...{ height, width, pointStride: results.pointStride },
    depth: new Float32Array(buffer, 0, area),
    image: new Uint8Array(buffer, 4 * area, 3 * area),
    ...(results.labels && { labels: new Uint8Array(buffer, 7 * area, area) }),
  };
  maps.image.set(image);
  const columns = Int32Array.from({ length: width }, (_, i) => nearest(i, results.width, width));
  const unit = results.depth instanceof Uint16Array ? 0.001 : 1;
  for (let row = 0, to = 0; row < height; row++) {
    const from = nearest(row, results.height, height) * results.width;
    for (let column = 0; column < width; column++, to++) {
      const at = from + (columns[column] as number);
      const value = (results.depth[at] as number) * unit;
      maps.depth[to] = value === 0 ? Number.POSITIVE_INFINITY : value;
      if (maps.labels !== undefined) maps.labels[to] = results.labels?.[at] as number;
    }
  }
  return maps;
}

/** Which of `source` pixels shows the centre of pixel `index` of `target`. */
function nearest(index: number, source: number, target: number): number {
  return Math.min(source - 1, Math.floor(((index + 0.5) * source) / target));
}
