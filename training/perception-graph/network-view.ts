import { LOW_PASS_RESIZE_NODE } from '../../models/graph-contract.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { element, join, scalar, scalarFloat, unsqueeze, vector } from '../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../onnx/tensor-data.js';
import type { CameraValues, LabelGrid } from './perception-contract.js';

const { float32, int64 } = ELEMENT_TYPES;

/** How a network sees the camera's image. */
export interface ViewOptions {
  /** Its size, or its number of pixels with the camera's aspect ratio, height and width multiples of `multiple`. */
  readonly size:
    | { readonly pixels: number; readonly multiple: number }
    | { readonly height: number; readonly width: number };
  /**
   * `letterbox`: nothing is cut off, the aspect ratio is kept, what remains repeats the last row or column. `stretch`:
   * resized to fit. `crop`: the largest centred part of the right aspect ratio.
   */
  readonly fit: 'letterbox' | 'stretch' | 'crop';
}

/** A network's view of the camera's image. */
export interface NetworkView {
  /** int64 scalars: the network's input. */
  readonly height: string;
  readonly width: string;
  /** int64 scalars: rows and columns of it that show the image; the rest, below and to the right, is padding. */
  readonly imageRows: string;
  readonly imageColumns: string;
  /** float32 scalar: focal length in (horizontal) network pixels. */
  readonly focal: string;
  /** int64 scalars: the part of the image that is shown, in the camera's pixels; absent: all of it. */
  readonly window?: Readonly<Record<'top' | 'left' | 'height' | 'width', string>>;
}

/** Where fx and fy differ, the height is resized by fx / fy more, so that the network's pixels are square (not to stretch). */
export function networkView(g: GraphBuilder, camera: CameraValues, { size, fit }: ViewOptions): NetworkView {
  const fx = g.op('Gather', [g.op('Gather', [camera.k, scalar(g, 0)]), scalar(g, 0)]);
  const fy = g.op('Gather', [g.op('Gather', [camera.k, scalar(g, 1)]), scalar(g, 1)]);
  const w = toFloat(g, camera.width);
  // Height of the image in square pixels of the width's size.
  const h = g.op('Mul', [toFloat(g, camera.height), g.op('Div', [fx, fy])]);
  const network = networkSize(g, size, { w, h });
  const across = g.op('Div', [network.width, w]);
  const down = g.op('Div', [network.height, h]);
  const whole = { height: toInteger(g, network.height), width: toInteger(g, network.width) };
  const filled = { ...whole, imageRows: whole.height, imageColumns: whole.width };
  if (fit === 'stretch') return { ...filled, focal: g.op('Mul', [fx, across]) };
  if (fit === 'crop') {
    const ratio = g.op('Max', [across, down]);
    const cut = (extent: string, of: string) => {
      const shown = toInteger(g, g.op('Min', [atLeastOne(g, round(g, extent)), toFloat(g, of)]));
      return { shown, from: g.op('Div', [g.op('Sub', [of, shown]), scalar(g, 2)]) };
    };
    const columns = cut(g.op('Div', [network.width, ratio]), camera.width);
    const rows = cut(
      g.op('Div', [g.op('Mul', [g.op('Div', [network.height, ratio]), fy]), fx]),
      camera.height,
    );
    const window = { top: rows.from, height: rows.shown, left: columns.from, width: columns.shown };
    return { ...filled, focal: g.op('Mul', [fx, ratio]), window };
  }
  const ratio = g.op('Min', [across, down]);
  return {
    ...whole,
    imageRows: toInteger(g, atLeastOne(g, round(g, g.op('Mul', [h, ratio])))),
    imageColumns: toInteger(g, atLeastOne(g, round(g, g.op('Mul', [w, ratio])))),
    focal: g.op('Mul', [fx, ratio]),
  };
}

/** float32 scalars. */
function networkSize(g: GraphBuilder, size: ViewOptions['size'], { w, h }: { w: string; h: string }) {
  if ('height' in size) return { height: scalarFloat(g, size.height), width: scalarFloat(g, size.width) };
  const ideal = g.op('Sqrt', [g.op('Div', [scalarFloat(g, size.pixels), g.op('Mul', [w, h])])]);
  const step = scalarFloat(g, size.multiple);
  const toMultiple = (extent: string) => {
    const steps = g.op('Div', [g.op('Mul', [extent, ideal]), step]);
    return g.op('Mul', [atLeastOne(g, round(g, steps)), step]);
  };
  const width = toMultiple(w);
  return { height: toMultiple(h), width };
}

/** How a network wants its pixels: (value / 255 - mean) / std, by channel in the order of `channels`. */
export interface PixelOptions {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Default RGB; grey is one channel, with the first mean and deviation. */
  readonly channels?: 'RGB' | 'BGR' | 'grey';
}

/**
 * What the low-pass filter takes beyond the image's edge. `repeated` takes the outermost pixel. `left-out` takes nothing, as
 * PyTorch and Pillow do; the two outermost pixels of the result may then differ by 13 of 255.
 */
export type BeyondEdge = 'repeated' | 'left-out';

/** The camera's image at the network's resolution: cut, resized with a low-pass filter, RGB: float32 [1, 3, rows, columns], 0..255. */
export function shownImage(
  g: GraphBuilder,
  { pixels, channelOrder, resizedImage }: CameraValues,
  view: NetworkView,
  beyond: BeyondEdge = 'repeated',
): string {
  const shown = view.window === undefined ? pixels : cutPixels(g, pixels, view.window);
  const planes = g.op('Cast', [g.op('Transpose', [shown], { perm: [0, 3, 1, 2] })], { to: float32 });
  const count = unsqueeze(g, element(g, g.op('Shape', [planes]), 1));
  const sizes = g.op(
    'Concat',
    [vector(g, [1]), count, unsqueeze(g, view.imageRows), unsqueeze(g, view.imageColumns)],
    { axis: 0 },
  );
  const [small = ''] = g.node(
    'Resize',
    [planes, '', '', sizes],
    { mode: 'linear', antialias: 1, ...(beyond === 'left-out' && { exclude_outside: 1 }) },
    1,
    LOW_PASS_RESIZE_NODE,
  );
  const ordered = g.op('Gather', [small, channelOrder], { axis: 1 });
  return resizedImage === undefined ? ordered : g.op('Add', [ordered, resizedImage]);
}

/** Shares of R, G and B in the grey that OpenCV and Pillow make. Source: ITU-R BT.601. */
const GREY_SHARES = [0.299, 0.587, 0.114] as const;

/** What a network makes of a `shownImage`: normalised, padded: float32 [1, 3 (grey: 1), h, w]. */
export function networkInput(
  g: GraphBuilder,
  shown: string,
  view: NetworkView,
  { mean, std, channels = 'RGB' }: PixelOptions,
): string {
  const ordered = channels === 'RGB' ? shown : reordered(g, shown, channels);
  const count = channels === 'grey' ? 1 : 3;
  const normalised = g.op('Add', [
    g.op('Mul', [
      ordered,
      g.constant(
        std.slice(0, count).map((s) => 1 / (255 * s)),
        'float32',
        [1, count, 1, 1],
      ),
    ]),
    g.constant(
      mean.slice(0, count).map((m, i) => -m / (std[i] ?? 1)),
      'float32',
      [1, count, 1, 1],
    ),
  ]);
  if (view.imageRows === view.height) return normalised;
  const below = g.op('Sub', [view.height, view.imageRows]);
  const right = g.op('Sub', [view.width, view.imageColumns]);
  const pads = g.op('Concat', [vector(g, [0, 0, 0, 0, 0, 0]), unsqueeze(g, below), unsqueeze(g, right)], {
    axis: 0,
  });
  return g.op('Pad', [normalised, pads], { mode: 'edge' });
}

function reordered(g: GraphBuilder, shown: string, channels: 'BGR' | 'grey'): string {
  if (channels === 'BGR') return g.op('Gather', [shown, vector(g, [2, 1, 0])], { axis: 1 });
  const shares = g.op('Mul', [shown, g.constant(GREY_SHARES, 'float32', [1, 3, 1, 1])]);
  return g.op('ReduceSum', [shares, vector(g, [1])], { keepdims: 1 });
}

function cutPixels(g: GraphBuilder, pixels: string, window: NonNullable<NetworkView['window']>): string {
  const { top, left, height, width } = window;
  const ends = join(g, [g.op('Add', [top, height]), g.op('Add', [left, width])]);
  return g.op('Slice', [pixels, join(g, [top, left]), ends, vector(g, [1, 2])]);
}

/**
 * A map of the network's resolution as the camera sees it: bilinear, float32 [H, W]; NaN outside of the window.
 * @param map float32 [1, 1, h, w].
 */
export function onCamera(g: GraphBuilder, map: string, view: NetworkView, camera: CameraValues): string {
  const { window } = view;
  const shown = shownPart(g, map, view);
  const { height, width } = window ?? camera;
  const sizes = join(g, [scalar(g, 1), scalar(g, 1), height, width]);
  const full = g.op('Reshape', [
    g.op('Resize', [shown, '', '', sizes], { mode: 'linear' }),
    join(g, [height, width]),
  ]);
  return window === undefined
    ? full
    : g.op('Pad', [full, aroundWindow(g, window, camera), scalarFloat(g, Number.NaN)]);
}

/** What shows the image in a map of the network's resolution. @param map float32 [1, 1, h, w]. */
export function shownPart(g: GraphBuilder, map: string, view: NetworkView): string {
  const { imageRows, imageColumns } = view;
  if (imageRows === view.height) return map;
  return g.op('Slice', [map, vector(g, [0, 0]), join(g, [imageRows, imageColumns]), vector(g, [2, 3])]);
}

/** Pads of a map of the window: int64 [4]. */
function aroundWindow(
  g: GraphBuilder,
  { top, left, height, width }: NonNullable<NetworkView['window']>,
  camera: CameraValues,
): string {
  const below = g.op('Sub', [g.op('Sub', [camera.height, height]), top]);
  const right = g.op('Sub', [g.op('Sub', [camera.width, width]), left]);
  return join(g, [top, left, below, right]);
}

/**
 * Labels of a network as the camera sees them; beside the window they are 255.
 * @param labels uint8 [h / factor, w / factor].
 */
export function labelsOnCamera(
  g: GraphBuilder,
  labels: string,
  view: NetworkView,
  camera: CameraValues,
  factor: number,
): LabelGrid {
  const { window } = view;
  if (window === undefined) {
    return {
      labels,
      rows: nearestIndices(g, camera.height, view.imageRows, factor),
      columns: nearestIndices(g, camera.width, view.imageColumns, factor),
    };
  }
  // Beside the window is no class: a last row and column of the labels stand for it.
  const bordered = g.op('Pad', [labels, vector(g, [0, 0, 1, 1]), g.constant([255], 'uint8', [])]);
  const around = (before: string, extent: string, of: string, source: string) => {
    const after = g.op('Sub', [g.op('Sub', [of, extent]), before]);
    const border = g.op('Div', [source, scalar(g, factor)]);
    return g.op('Pad', [nearestIndices(g, extent, source, factor), join(g, [before, after]), border]);
  };
  return {
    labels: bordered,
    rows: around(window.top, window.height, camera.height, view.imageRows),
    columns: around(window.left, window.width, camera.width, view.imageColumns),
  };
}

/**
 * `target` pixels show what `source` network pixels show, of which `factor` share one label. Each target pixel gets the label
 * whose area its centre lies in: int64 [target].
 */
function nearestIndices(g: GraphBuilder, target: string, source: string, factor: number): string {
  const range = g.op('Range', [scalar(g, 0), target, scalar(g, 1)]);
  // floor((i + 0.5) * source / (factor * target)) in integers, exact
  const odd = g.op('Add', [g.op('Mul', [range, scalar(g, 2)]), scalar(g, 1)]);
  return g.op('Div', [g.op('Mul', [odd, source]), g.op('Mul', [target, scalar(g, 2 * factor)])]);
}

function toFloat(g: GraphBuilder, value: string): string {
  return g.op('Cast', [value], { to: float32 });
}

function toInteger(g: GraphBuilder, value: string): string {
  return g.op('Cast', [value], { to: int64 });
}

function round(g: GraphBuilder, value: string): string {
  return g.op('Floor', [g.op('Add', [value, scalarFloat(g, 0.5)])]);
}

function atLeastOne(g: GraphBuilder, value: string): string {
  return g.op('Max', [value, scalarFloat(g, 1)]);
}
