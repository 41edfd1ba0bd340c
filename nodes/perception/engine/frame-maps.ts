import type { BufferPool } from './buffer-pool.js';

/** A frame at the network's resolution, for comparison with other frames. One buffer holds all maps. */
export interface FrameMaps {
  /** Rows of the maps, pixels of the network. */
  readonly height: number;
  /** Columns of the maps, pixels of the network. */
  readonly width: number;
  /** [height, width, 3] RGB. */
  readonly image: Uint8Array;
  /** [height, width] depth in the unit of the depth message; +Inf is too far, NaN unknown. */
  readonly depth: Float32Array;
  /** [height, width] class indices; absent without segmentation. */
  readonly labels?: Uint8Array;
  /** [height, width] confidence of the depth, 0 to 255; absent if the model gives none. */
  readonly confidence?: Uint8Array;
  /** Stride of the frame's cloud in pixels; 0 = no cloud. */
  readonly pointStride: number;
}

/** Results of the camera's size, [height, width]. */
export interface CameraResults {
  readonly height: number;
  readonly width: number;
  /** Metres, or millimetres with 0 for what is invalid or too far. */
  readonly depth: Float32Array | Uint16Array;
  readonly labels?: Uint8Array;
  /** 0..1. */
  readonly confidence?: Float32Array;
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
  const buffer = pool.take(9 * area);
  const maps = {
    height,
    width,
    pointStride: results.pointStride,
    depth: new Float32Array(buffer, 0, area),
    image: new Uint8Array(buffer, 4 * area, 3 * area),
    ...(results.labels && { labels: new Uint8Array(buffer, 7 * area, area) }),
    ...(results.confidence && { confidence: new Uint8Array(buffer, 8 * area, area) }),
  };
  maps.image.set(image);
  const at = nearestPixels({ height, width }, results);
  if (results.depth instanceof Uint16Array) takeMillimetres(results.depth, at, maps.depth);
  else takeMetres(results.depth, at, maps.depth);
  if (results.labels !== undefined && maps.labels !== undefined) takeLabels(results.labels, at, maps.labels);
  if (results.confidence !== undefined && maps.confidence !== undefined)
    takeConfidence(results.confidence, at, maps.confidence);
  return maps;
}

// One loop for each kind of array: one that meets several is several times slower in V8. Each in a function of its own: one that
// goes on with other things behind its loop is compiled within the loop, and thrown away behind it.
function takeMetres(depth: Float32Array, at: Int32Array, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) {
    const value = depth[at[i] as number] as number;
    into[i] = value === 0 ? Number.POSITIVE_INFINITY : value;
  }
}

function takeMillimetres(depth: Uint16Array, at: Int32Array, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) {
    const value = (depth[at[i] as number] as number) * 0.001;
    into[i] = value === 0 ? Number.POSITIVE_INFINITY : value;
  }
}

function takeLabels(labels: Uint8Array, at: Int32Array, into: Uint8Array): void {
  for (let i = 0; i < into.length; i++) into[i] = labels[at[i] as number] as number;
}

function takeConfidence(confidence: Float32Array, at: Int32Array, into: Uint8Array): void {
  for (let i = 0; i < into.length; i++) into[i] = 255 * (confidence[at[i] as number] as number);
}

interface Size {
  readonly height: number;
  readonly width: number;
}

// The same for all frames of a camera.
let known = { target: { height: 0, width: 0 }, source: { height: 0, width: 0 }, at: new Int32Array(0) };

/** [height, width] of `target`: which pixel of `source` shows the centre of each. */
function nearestPixels({ height, width }: Size, source: Size): Int32Array {
  const isSame = (a: Size, b: Size) => a.height === b.height && a.width === b.width;
  if (isSame(known.target, { height, width }) && isSame(known.source, source)) return known.at;
  const at = new Int32Array(height * width);
  for (let row = 0, to = 0; row < height; row++) {
    const from = nearest(row, source.height, height) * source.width;
    for (let column = 0; column < width; column++) at[to++] = from + nearest(column, source.width, width);
  }
  known = {
    target: { height, width },
    source: { height: source.height, width: source.width },
    at,
  };
  return at;
}

/** Which of `source` pixels shows the centre of pixel `index` of `target`. */
function nearest(index: number, source: number, target: number): number {
  return Math.min(source - 1, Math.floor(((index + 0.5) * source) / target));
}
