import type { Device } from '../../../../models/device.js';
import type { GraphInput, GraphOutput } from '../../../../models/graph-contract.js';
import { graphFeeds } from '../../../../models/graph-feeds.js';
import { type InferenceSession, type OnnxValue, Tensor } from '../../../../models/onnxruntime.js';
import type { Intrinsics } from '../../../../msgs/camera/intrinsics.js';
import type { Pixels } from '../../../../msgs/picture/pixels.js';
import { NodeError } from '../../../errors.js';
import type { CameraFrame } from '../camera-frame.js';
import { freeAtOnce } from '../free-at-once.js';
import { runWholeFrame } from '../run-whole-frame.js';
import { ImageShrinker } from './image-shrinker.js';
import { LabelEnlarger } from './label-enlarger.js';
import { type DepthTerms, MapEnlarger } from './map-enlarger.js';
import { ENLARGE_FUNCTIONS } from './resize-functions.js';
import { canRun } from './wasm-module.js';

/** What is prepared for the images of a camera. */
interface View {
  /** Of the part of the network's image that shows the camera's. */
  readonly height: number;
  readonly width: number;
  /** At a metric scale of 1. */
  readonly terms: DepthTerms;
  readonly intrinsics: Intrinsics;
  /** [height, width] zeros. */
  readonly black: Uint8Array;
  readonly shrinker: ImageShrinker;
  readonly maps: MapEnlarger;
  readonly labels: LabelEnlarger;
  /** By what is wanted. */
  readonly feeds: Map<string, Feeds>;
}

type Feeds = Readonly<Record<GraphInput, Tensor>>;

/** Cameras that take turns in one stream; more than a few is not a camera stream. */
const MOST_VIEWS = 4;

/**
 * Runs a perception graph at the network's size: the image is shrunk before it and the results are enlarged behind it,
 * straight into the messages. The numbers are those that the graph gives for the whole image, in a third of the time.
 * onnxruntime goes over megabytes once for every step, and copies each result.
 */
export class NetworkSizeRunner {
  readonly #session: InferenceSession;
  /** Without it the graph gives colours and mask of each frame. */
  readonly #hasPalette: boolean;
  /** By camera; `whole` where the graph sees the shrunk image at another size than it shows. */
  readonly #views = new Map<string, View | 'whole'>();

  private constructor(session: InferenceSession) {
    this.#session = session;
    this.#hasPalette = session.outputNames.includes('palette' satisfies GraphOutput);
  }

  /** @returns undefined for a graph or a device that has to do it all: a GPU is faster at it. */
  static of(session: InferenceSession, device: Device): NetworkSizeRunner | undefined {
    const takes = session.inputNames.includes('resized_image' satisfies GraphInput);
    if (device !== 'cpu' || !takes) return undefined;
    return canRun(ENLARGE_FUNCTIONS) ? new NetworkSizeRunner(session) : undefined;
  }

  /** @returns the image as the network sees it, if the frame wants that. */
  async run(frame: CameraFrame): Promise<Readonly<Record<string, OnnxValue>>> {
    const { pixels, intrinsics } = frame;
    const camera = [pixels.height, pixels.width, intrinsics.fx, intrinsics.fy].join(' ');
    const view = this.#views.get(camera);
    if (view === 'whole') return await runWholeFrame(this.#session, frame);
    if (view === undefined) {
      // The first frame of a camera tells how the graph sees it.
      const besides = [
        'inverse_depth',
        'depth_terms',
        ...(this.#hasPalette ? ['palette' as const] : []),
      ] as const;
      const results = await runWholeFrame(this.#session, frame, besides);
      this.#remember(camera, viewOrWhole(frame, results));
      return results;
    }
    const results = await this.#session.run(feedsOf(view, frame), wanted(frame, this.#hasPalette));
    const [height, width] = sizeOf(results);
    if (height !== view.height || width !== view.width) {
      this.#remember(camera, 'whole');
      return await runWholeFrame(this.#session, frame);
    }
    enlarge(view, results, frame);
    const { network_image: networkImage, ...read } = results;
    freeAtOnce(
      Object.values(read).map((value) => ((value as Tensor).data as Uint8Array).buffer as ArrayBuffer),
    );
    return networkImage === undefined ? {} : { network_image: networkImage };
  }

  #remember(camera: string, view: View | 'whole'): void {
    this.#views.set(camera, view);
    const [oldest = camera] = this.#views.keys();
    if (this.#views.size > MOST_VIEWS) this.#views.delete(oldest);
  }
}

/** Where a process may not reserve the address space that WebAssembly takes, as under `ulimit -v`, the graph does it all. */
function viewOrWhole(frame: CameraFrame, results: Readonly<Record<string, OnnxValue>>): View | 'whole' {
  try {
    return viewOf(frame, results);
  } catch (error) {
    if (error instanceof RangeError) return 'whole';
    throw error;
  }
}

/** @param results of a run with the whole image. */
function viewOf({ pixels, intrinsics }: CameraFrame, results: Readonly<Record<string, OnnxValue>>): View {
  const [height, width] = sizeOf(results);
  const [factor = Number.NaN, least = Number.NaN] = tensorOf(results, 'depth_terms').data as Float32Array;
  const [across, down] = [width / pixels.width, height / pixels.height];
  const size = { height, width };
  return {
    height,
    width,
    terms: { factor, least },
    // Pixels as square as those of the image.
    intrinsics: { fx: intrinsics.fx * across, fy: intrinsics.fy * down, cx: 0, cy: 0 },
    black: new Uint8Array(height * width),
    shrinker: new ImageShrinker(pixels, size),
    maps: new MapEnlarger(size, pixels),
    labels: new LabelEnlarger(size, pixels, results.palette && bytesOf(results, 'palette')),
    feeds: new Map(),
  };
}

function wanted(
  { labels, confidence, networkImage }: CameraFrame,
  hasPalette: boolean,
): Record<string, null> {
  const names: readonly GraphOutput[] = [
    'inverse_depth',
    ...(labels ? (['labels'] as const) : []),
    ...(labels && !hasPalette ? (['color', 'dynamic'] as const) : []),
    ...(confidence ? (['confidence'] as const) : []),
    ...(networkImage ? (['network_image'] as const) : []),
  ];
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** The image is shrunk into the same memory each time: what is wanted decides which feeds these are. */
function feedsOf(view: View, frame: CameraFrame): Feeds {
  const resizedImage = view.shrinker.shrink(frame.pixels);
  const wants = {
    labels: frame.labels !== undefined,
    confidence: frame.confidence !== undefined,
    networkImage: frame.networkImage,
  };
  const key = Object.values(wants).join(' ');
  const known = view.feeds.get(key);
  if (known !== undefined) return known;
  const feeds = graphFeeds({
    pixels: blackPixels(view),
    resizedImage,
    intrinsics: view.intrinsics,
    ...wants,
  });
  view.feeds.set(key, feeds);
  return feeds;
}

function blackPixels({ black, height, width }: Pick<View, 'black' | 'height' | 'width'>): Pixels {
  return { data: black, height, width, step: width, bytesPerPixel: 1, channelOrder: [0, 0, 0] };
}

function tensorOf(results: Readonly<Record<string, OnnxValue>>, name: GraphOutput): Tensor {
  const value = results[name];
  if (value instanceof Tensor) return value;
  throw new NodeError(`the graph gave no \`${name}\``);
}

function sizeOf(results: Readonly<Record<string, OnnxValue>>): readonly [height: number, width: number] {
  const [, , height = 0, width = 0] = tensorOf(results, 'inverse_depth').dims;
  return [height, width];
}

function enlarge(view: View, results: Readonly<Record<string, OnnxValue>>, frame: CameraFrame): void {
  const { depth, confidence, labels, cloud, scale } = frame;
  const { width } = frame.pixels;
  const numbers = (name: GraphOutput) => tensorOf(results, name).data as Float32Array; // types as the contract has them
  const factor = Math.fround(view.terms.factor * Math.fround(scale));
  view.maps.meters(numbers('inverse_depth'), { factor, least: view.terms.least }, (row, meters) => {
    if (depth instanceof Float32Array) depth.set(meters, row * width);
    else depth.set(view.maps.lastMillimetres(), row * width);
    if (cloud !== undefined) placePoints(cloud, row, meters, width);
  });
  if (confidence !== undefined)
    view.maps.values(numbers('confidence'), (row, values) => confidence.set(values, row * width));
  if (labels === undefined) return;
  const seen = bytesOf(results, 'labels');
  if (results.color !== undefined)
    view.labels.learn({
      labels: seen,
      color: bytesOf(results, 'color'),
      dynamic: bytesOf(results, 'dynamic'),
    });
  view.labels.enlarge(seen, labels);
}

/** A result that the contract has as uint8. */
function bytesOf(results: Readonly<Record<string, OnnxValue>>, name: GraphOutput): Uint8Array {
  return tensorOf(results, name).data as Uint8Array;
}

/** Points of those rows of the image, from `first` on, that the cloud has; NaN where the depth is not finite. */
function placePoints(
  { rays, points, stride }: NonNullable<CameraFrame['cloud']>,
  first: number,
  meters: Float32Array,
  width: number,
): void {
  const columns = Math.ceil(width / stride);
  const skipped = (stride - (first % stride)) % stride;
  for (let from = skipped * width; from < meters.length; from += stride * width) {
    const row = (first + from / width) / stride;
    let ray = 2 * row * columns;
    let point = 3 * row * columns;
    for (let at = from; at < from + width; at += stride, ray += 2, point += 3) {
      const value = meters[at] as number;
      const z = Number.isFinite(value) ? value : Number.NaN;
      points[point] = (rays[ray] as number) * z;
      points[point + 1] = (rays[ray + 1] as number) * z;
      points[point + 2] = z;
    }
  }
}
