import { GRAPH_CONTRACT, LOW_PASS_RESIZE_NODE, type Manifest } from '../../models/manifest.js';
import { GraphBuilder } from './graph-builder.js';
import { join, scalar, unsqueeze, vector } from './shape-ops.js';
import { ELEMENT_TYPES } from './tensor-data.js';

/** The network inside a perception graph; values are names in the builder, physically NCHW. */
export interface EmbeddedNetwork {
  /** @param image normalised, [1, 3, h, w]. @returns disparity [1, 1, h, w] in 1/m at the canonical focal length. */
  disparity(graph: GraphBuilder, image: string): string;
  /**
   * Called inside a branch, after `disparity`, if the manifest has classes. @returns class logits [1, S, h / 2^s, w / 2^s];
   * the labels have their resolution.
   */
  logits(graph: GraphBuilder): string;
  /** s of `logits`. */
  readonly logitScale: number;
}

const { float32, uint8, uint16, int64 } = ELEMENT_TYPES;

/**
 * Builds the perception graph of contract 1: camera bytes in, message bytes out, for any camera resolution.
 *
 * Geometry: the network sees `manifest.input.pixels` pixels or so, width and height rounded to `multiple`. The image is
 * resized with its own aspect ratio to fit; what remains of the width or height repeats the last column or row, so that
 * nothing is cut off. Where fx and fy
 * differ, the height is resized by fx / fy more, so that the network's pixels are square. Depth depends on the focal
 * length in network pixels: depth = network depth * focal / canonicalFocalPixels * scale.
 *
 * Inputs and outputs are listed in docs/perception-graph.md.
 */
export function buildPerceptionGraph(manifest: Manifest, network: EmbeddedNetwork): GraphBuilder {
  const g = new GraphBuilder('perception');
  const image = g.input('image', 'uint8', ['H', 'step']);
  const width = g.input('width', 'int64', []);
  const bytesPerPixel = g.input('bytes_per_pixel', 'int64', []);
  const channelOrder = g.input('channel_order', 'int64', [3]);
  const k = g.input('k', 'float32', [3, 3]);
  const scale = g.input('scale', 'float32', []);
  const rays = g.input('rays', 'float32', ['Hp', 'Wp', 2]);
  const pointStride = g.input('point_stride', 'int64', []);
  const wantLabels = g.input('want_labels', 'bool', []);
  const wantPoints = g.input('want_points', 'bool', []);
  const wantDepth16 = g.input('want_depth16', 'bool', []);

  const height = element(g, g.op('Shape', [image]), 0);
  const size = networkSize(g, manifest, { height, width, k });
  const pixels = imagePixels(g, image, { height, width, bytesPerPixel });
  const input = networkInput(g, manifest, pixels, channelOrder, size);
  const disparity = network.disparity(g, input);
  const camera = { height, width };

  const depth = metricDepth(g, manifest, disparity, { camera, size, scale });
  g.output('depth', depth, 'float32', ['H', 'W']);

  const [depth16 = ''] = g.if(
    wantDepth16,
    (b) => [millimetres(b, depth)],
    (b) => [empty(b, 'uint16', [0, 0])],
    1,
  );
  g.output('depth16', depth16, 'uint16', ['H16', 'W16']);

  const noLabels = (b: GraphBuilder) => [
    empty(b, 'uint8', [0, 0]),
    empty(b, 'uint8', [0, 0, 3]),
    empty(b, 'uint8', [0, 0]),
  ];
  const [labels = '', color = '', dynamic = ''] = g.if(
    wantLabels,
    (b) =>
      manifest.classes.length === 0 ? noLabels(b) : segmentation(b, manifest, network, { camera, size }),
    noLabels,
    3,
  );
  // Fixed sizes of 0 tell a runtime that the model has no segmentation.
  const labelSize = manifest.classes.length === 0 ? [0, 0] : ['Hl', 'Wl'];
  g.output('labels', labels, 'uint8', labelSize);
  g.output('color', color, 'uint8', [...labelSize, 3]);
  g.output('dynamic', dynamic, 'uint8', labelSize);

  const [points = ''] = g.if(
    wantPoints,
    (b) => [backProjection(b, depth, rays, pointStride)],
    (b) => [empty(b, 'float32', [0, 0, 3])],
    1,
  );
  g.output('points', points, 'float32', ['Hp_', 'Wp_', 3]);
  return g;
}

/** The metadata by which a runtime knows what it loads. */
export function graphMetadata(manifest: Manifest): Record<string, string> {
  return {
    'rxdepth.contract': String(GRAPH_CONTRACT),
    'rxdepth.model': `${manifest.name} ${manifest.version}`,
  };
}

interface NetworkSize {
  /** int64 scalars: the network's input. */
  readonly height: string;
  readonly width: string;
  /** int64 scalars: rows and columns of it that show the image; the rest, below and to the right, is padding. */
  readonly imageRows: string;
  readonly imageColumns: string;
  /** float32 scalar: focal length in network pixels. */
  readonly focal: string;
}

function networkSize(
  g: GraphBuilder,
  manifest: Manifest,
  camera: { height: string; width: string; k: string },
): NetworkSize {
  const { pixels, multiple } = manifest.input;
  const float = (value: string) => g.op('Cast', [value], { to: float32 });
  const integer = (value: string) => g.op('Cast', [value], { to: int64 });
  const fx = g.op('Gather', [g.op('Gather', [camera.k, scalar(g, 0)]), scalar(g, 0)]);
  const fy = g.op('Gather', [g.op('Gather', [camera.k, scalar(g, 1)]), scalar(g, 1)]);
  const w = float(camera.width);
  // Height of the image in square pixels of the width's size.
  const h = g.op('Mul', [float(camera.height), g.op('Div', [fx, fy])]);
  const ideal = g.op('Sqrt', [g.op('Div', [scalarFloat(g, pixels), g.op('Mul', [w, h])])]);
  const half = scalarFloat(g, 0.5);
  const round = (value: string) => g.op('Floor', [g.op('Add', [value, half])]);
  const atLeastOne = (value: string) => g.op('Max', [value, scalarFloat(g, 1)]);
  const step = scalarFloat(g, multiple);
  const toMultiple = (value: string) => g.op('Mul', [atLeastOne(round(g.op('Div', [value, step]))), step]);
  const networkWidth = toMultiple(g.op('Mul', [w, ideal]));
  const networkHeight = toMultiple(g.op('Mul', [h, ideal]));
  const ratio = g.op('Min', [g.op('Div', [networkWidth, w]), g.op('Div', [networkHeight, h])]);
  return {
    width: integer(networkWidth),
    height: integer(networkHeight),
    imageRows: integer(atLeastOne(round(g.op('Mul', [h, ratio])))),
    imageColumns: integer(atLeastOne(round(g.op('Mul', [w, ratio])))),
    focal: g.op('Mul', [fx, ratio]),
  };
}

/** The message's rows without their padding: uint8 [1, H, W, bytes per pixel]. */
function imagePixels(
  g: GraphBuilder,
  image: string,
  camera: { height: string; width: string; bytesPerPixel: string },
): string {
  const rowBytes = g.op('Mul', [camera.width, camera.bytesPerPixel]);
  const rows = g.op('Slice', [image, vector(g, [0]), unsqueeze(g, rowBytes), vector(g, [1])]);
  return g.op('Reshape', [rows, join(g, [one(g), camera.height, camera.width, camera.bytesPerPixel])]);
}

/** Resized with a low-pass filter, channels in RGB order, normalised, padded: float32 [1, 3, h, w]. */
function networkInput(
  g: GraphBuilder,
  manifest: Manifest,
  pixels: string,
  channelOrder: string,
  size: NetworkSize,
): string {
  const { mean, std } = manifest.input;
  const planes = g.op('Cast', [g.op('Transpose', [pixels], { perm: [0, 3, 1, 2] })], { to: float32 });
  const channels = unsqueeze(g, element(g, g.op('Shape', [planes]), 1));
  const sizes = g.op(
    'Concat',
    [vector(g, [1]), channels, unsqueeze(g, size.imageRows), unsqueeze(g, size.imageColumns)],
    { axis: 0 },
  );
  const [small = ''] = g.node(
    'Resize',
    [planes, '', '', sizes],
    { mode: 'linear', antialias: 1 },
    1,
    LOW_PASS_RESIZE_NODE,
  );
  const rgb = g.op('Gather', [small, channelOrder], { axis: 1 });
  const normalised = g.op('Add', [
    g.op('Mul', [
      rgb,
      g.constant(
        std.map((s) => 1 / (255 * s)),
        'float32',
        [1, 3, 1, 1],
      ),
    ]),
    g.constant(
      mean.map((m, i) => -m / (std[i] ?? 1)),
      'float32',
      [1, 3, 1, 1],
    ),
  ]);
  const below = g.op('Sub', [size.height, size.imageRows]);
  const right = g.op('Sub', [size.width, size.imageColumns]);
  const pads = g.op('Concat', [vector(g, [0, 0, 0, 0, 0, 0]), unsqueeze(g, below), unsqueeze(g, right)], {
    axis: 0,
  });
  return g.op('Pad', [normalised, pads], { mode: 'edge' });
}

/** float32 [H, W] metres; +Inf beyond the model's range. */
function metricDepth(
  g: GraphBuilder,
  manifest: Manifest,
  disparity: string,
  { camera, size, scale }: { camera: Camera; size: NetworkSize; scale: string },
): string {
  const ends = join(g, [size.imageRows, size.imageColumns]);
  const shown = g.op('Slice', [disparity, vector(g, [0, 0]), ends, vector(g, [2, 3])]);
  const sizes = join(g, [one(g), one(g), camera.height, camera.width]);
  const full = g.op('Reshape', [
    g.op('Resize', [shown, '', '', sizes], { mode: 'linear' }),
    join(g, [camera.height, camera.width]),
  ]);
  const factor = g.op('Mul', [
    g.op('Div', [size.focal, scalarFloat(g, manifest.input.canonicalFocalPixels)]),
    scale,
  ]);
  // 0 where too far, and factor / 0 = +Inf; the product is 0, or NaN where the network gave none. Less and Where take
  // three times as long.
  const near = g.op('ThresholdedRelu', [full], {
    alpha: { float: 1 / manifest.depth.farMeters },
  });
  return g.op('Div', [factor, g.op('Add', [near, g.op('Mul', [full, scalarFloat(g, 0)])])]);
}

/** uint16 [H, W] millimetres, rounded; 0 where depth is not finite or does not fit (REP 118's integer form). */
function millimetres(g: GraphBuilder, depth: string): string {
  const value = g.op('Round', [g.op('Mul', [depth, scalarFloat(g, 1000)])]);
  const fits = g.op('LessOrEqual', [value, scalarFloat(g, 65535)]); // false for NaN and +Inf
  return g.op('Cast', [g.op('Where', [fits, value, scalarFloat(g, 0)])], { to: uint16 });
}

interface Camera {
  readonly height: string;
  readonly width: string;
}

/** Labels uint8 [H, W], their colours [H, W, 3] and the dynamic-class mask [H, W]. */
function segmentation(
  g: GraphBuilder,
  manifest: Manifest,
  network: EmbeddedNetwork,
  { camera, size }: { camera: Camera; size: NetworkSize },
): string[] {
  const logits = network.logits(g);
  const classes = g.op('Cast', [g.op('ArgMax', [logits], { axis: 1, keepdims: 0 })], { to: uint8 });
  const small = g.op('Squeeze', [classes, vector(g, [0])]); // [h / 2^s, w / 2^s]
  const index = g.op('Cast', [small], { to: ELEMENT_TYPES.int32 });
  const { palette, dynamics } = classTables(manifest);
  const colors = g.op('Gather', [g.constant(palette, 'uint8', [256, 3]), index]);
  const dynamic = g.op('Gather', [g.constant(dynamics, 'uint8', [256]), index]);
  const factor = 2 ** network.logitScale;
  const rows = nearestIndices(g, camera.height, size.imageRows, factor);
  const columns = nearestIndices(g, camera.width, size.imageColumns, factor);
  return [small, colors, dynamic].map((x) =>
    g.op('Gather', [g.op('Gather', [x, columns], { axis: 1 }), rows], { axis: 0 }),
  );
}

function classTables(manifest: Manifest): { palette: Uint8Array; dynamics: Uint8Array } {
  const palette = new Uint8Array(256 * 3);
  const dynamics = new Uint8Array(256);
  manifest.classes.forEach(({ color, dynamic }, index) => {
    palette.set(color, index * 3);
    dynamics[index] = dynamic ? 255 : 0;
  });
  return { palette, dynamics };
}

/**
 * `target` pixels show what `source` network pixels show, of which `factor` share one label: for each target pixel the
 * label whose area its centre lies in: int64 [target].
 */
function nearestIndices(g: GraphBuilder, target: string, source: string, factor: number): string {
  const range = g.op('Range', [scalar(g, 0), target, scalar(g, 1)]);
  // floor((i + 0.5) * source / (factor * target)) in integers, exact
  const odd = g.op('Add', [g.op('Mul', [range, scalar(g, 2)]), scalar(g, 1)]);
  return g.op('Div', [g.op('Mul', [odd, source]), g.op('Mul', [target, scalar(g, 2 * factor)])]);
}

/** float32 [Hp, Wp, 3] in the camera's optical frame (REP 103); NaN where the depth is not finite. */
function backProjection(g: GraphBuilder, depth: string, rays: string, stride: string): string {
  const steps = join(g, [stride, stride]);
  const end = vector(g, [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]);
  const strided = g.op('Slice', [depth, vector(g, [0, 0]), end, vector(g, [0, 1]), steps]);
  const finite = g.op('Where', [g.op('IsInf', [strided]), scalarFloat(g, Number.NaN), strided]);
  const z = g.op('Unsqueeze', [finite, vector(g, [2])]);
  return g.op('Concat', [g.op('Mul', [rays, z]), z], { axis: 2 });
}

function empty(g: GraphBuilder, dtype: 'float32' | 'uint8' | 'uint16', shape: number[]): string {
  return g.constant([], dtype, shape);
}

function one(g: GraphBuilder): string {
  return scalar(g, 1);
}

function scalarFloat(g: GraphBuilder, value: number): string {
  return g.constant([value], 'float32', []);
}

function element(g: GraphBuilder, vectorValue: string, index: number): string {
  return g.op('Gather', [vectorValue, scalar(g, index)]);
}
