import {
  GRAPH_CONTRACT,
  GRAPH_INPUTS,
  GRAPH_OUTPUTS,
  type GraphInput,
  type GraphOutput,
} from '../../models/graph-contract.js';
import type { Manifest } from '../../models/manifest.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import type { Dimension } from '../onnx/model-proto.js';
import { element, join, scalar, scalarFloat, unsqueeze, vector } from '../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../onnx/tensor-data.js';

/** Values of a perception graph that describe the camera's image. */
export interface CameraValues {
  /** uint8 [1, H, W, bytes per pixel]. */
  readonly pixels: string;
  /** int64 [3]: byte of R, G and B within a pixel. */
  readonly channelOrder: string;
  /** int64 scalars. */
  readonly height: string;
  readonly width: string;
  /** float32 [3, 3]. */
  readonly k: string;
  /** float32 scalar: the metric scale factor. */
  readonly scale: string;
  /** float32 [1, 3 or 1, h or 1, w or 1]: what is added to the image as the network sees it. Absent: nothing. */
  readonly resizedImage?: string;
}

/** Labels at the network's resolution, and which of them each pixel of the camera shows. */
export interface LabelGrid {
  /** uint8 [h, w]. */
  readonly labels: string;
  /** int64 [H] and [W]: row and column of `labels`. */
  readonly rows: string;
  readonly columns: string;
}

/** What fills a perception graph: everything between the camera's pixels and what is published. */
export interface PerceptionStages {
  /** float32 [H, W]: metres (or relative), +Inf too far, NaN unknown. */
  depth(graph: GraphBuilder, camera: CameraValues): string;
  /** Called inside a branch, after `depth`, if the manifest has classes. */
  labels(graph: GraphBuilder, camera: CameraValues): LabelGrid;
  /**
   * Called inside a branch, after `depth`. It is the image as the network sees it, all of the camera's and nothing else,
   * float32 [1, 3, h, w], RGB 0..255. Absent: frames cannot be compared with each other.
   */
  networkImage?(graph: GraphBuilder, camera: CameraValues): string;
  /** Called inside a branch, after `depth`: how far the depth may be trusted, float32 [H, W], 0..1. Absent: unknown. */
  confidence?(graph: GraphBuilder, camera: CameraValues): string;
  /**
   * Called after `depth`: what that is made of, for whoever shrinks the image and enlarges the depth outside of the graph.
   * Absent: the graph does it.
   */
  networkDepth?(graph: GraphBuilder, camera: CameraValues): NetworkDepth;
}

/** Depth at the network's size. */
export interface NetworkDepth {
  /** float32 [1, 1, h, w]: 1 / depth where the network shows the image, without the factor. */
  readonly inverse: string;
  /** float32 scalar: depth times that, at a metric scale of 1. */
  readonly ratio: string;
  /** 1 / depth up to which the depth is infinite. */
  readonly least: number;
}

/**
 * Builds the inputs and outputs of graph contract 1 around what turns pixels into depth and labels. They are listed in
 * docs/perception-graph.md.
 */
export function buildContract(manifest: Manifest, stages: PerceptionStages): GraphBuilder {
  const g = new GraphBuilder('perception');
  const input = (name: GraphInput) => g.input(name, GRAPH_INPUTS[name].type, GRAPH_INPUTS[name].shape);
  const output = (
    name: GraphOutput,
    value: string,
    shape: readonly Dimension[] = GRAPH_OUTPUTS[name].shape,
  ) => g.output(name, value, GRAPH_OUTPUTS[name].type, shape);
  const image = input('image');
  const width = input('width');
  const bytesPerPixel = input('bytes_per_pixel');
  const channelOrder = input('channel_order');
  const k = input('k');
  const scale = input('scale');
  const rays = input('rays');
  const pointStride = input('point_stride');
  const wantLabels = input('want_labels');
  const wantPoints = input('want_points');
  const wantDepth16 = input('want_depth16');

  const { networkDepth } = stages;
  const camera: CameraValues = {
    ...cameraValues(g, { image, width, bytesPerPixel, channelOrder, k, scale }),
    ...(networkDepth && { resizedImage: input('resized_image') }),
  };
  const depth = stages.depth(g, camera);
  output('depth', depth);

  const [depth16 = ''] = g.if(
    wantDepth16,
    (b) => [millimetres(b, depth)],
    (b) => [empty(b, 'uint16', [0, 0])],
    1,
  );
  output('depth16', depth16);

  const noLabels = (b: GraphBuilder) => [
    empty(b, 'uint8', [0, 0]),
    empty(b, 'uint8', [0, 0, 3]),
    empty(b, 'uint8', [0, 0]),
  ];
  const isResized = networkDepth && isSeveral(g, 'resized_image');
  const [labels = '', color = '', dynamic = ''] = g.if(
    wantLabels,
    (b) =>
      manifest.classes.length === 0
        ? noLabels(b)
        : labelOutputs(b, manifest, stages.labels(b, camera), isResized),
    noLabels,
    3,
  );
  // Fixed sizes of 0 tell a runtime that the model has no segmentation.
  const none = manifest.classes.length === 0;
  output('labels', labels, none ? [0, 0] : undefined);
  output('color', color, none ? [0, 0, 3] : undefined);
  output('dynamic', dynamic, none ? [0, 0] : undefined);

  const [points = ''] = g.if(
    wantPoints,
    (b) => [backProjection(b, depth, rays, pointStride)],
    (b) => [empty(b, 'float32', [0, 0, 3])],
    1,
  );
  output('points', points);

  const { networkImage, confidence } = stages;
  if (networkImage !== undefined) {
    const [seen = ''] = g.if(
      input('want_network_image'),
      (b) => [imageBytes(b, networkImage(b, camera))],
      (b) => [empty(b, 'uint8', [0, 0, 3])],
      1,
    );
    output('network_image', seen);
  }
  // Behind all others: a graph that gains it keeps the names of what it has.
  if (confidence !== undefined) {
    const [trusted = ''] = g.if(
      input('want_confidence'),
      (b) => [confidence(b, camera)],
      (b) => [empty(b, 'float32', [0, 0])],
      1,
    );
    output('confidence', trusted);
  }
  if (networkDepth !== undefined) {
    const { inverse, ratio, least } = networkDepth(g, camera);
    output('inverse_depth', inverse);
    output('palette', g.constant(paletteOf(manifest), 'uint8', [256, 4], 'class_palette'));
    output(
      'depth_terms',
      g.op('Concat', [unsqueeze(g, ratio), g.constant([least], 'float32', [1])], { axis: 0 }),
    );
  }
  return g;
}

/** What the contract's inputs say of the camera's image. */
export function cameraValues(
  g: GraphBuilder,
  inputs: Pick<CameraValues, 'width' | 'channelOrder' | 'k' | 'scale'> & {
    readonly image: string;
    readonly bytesPerPixel: string;
  },
): CameraValues {
  const { image, width, bytesPerPixel, channelOrder, k, scale } = inputs;
  const height = element(g, g.op('Shape', [image]), 0);
  const pixels = imagePixels(g, image, { height, width, bytesPerPixel });
  return { pixels, channelOrder, height, width, k, scale };
}

/** The metadata by which a runtime knows what it loads. */
export function graphMetadata(manifest: Manifest): Record<string, string> {
  return {
    'rxdepth.contract': String(GRAPH_CONTRACT),
    'rxdepth.model': `${manifest.name} ${manifest.version}`,
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
  return g.op('Reshape', [rows, join(g, [scalar(g, 1), camera.height, camera.width, camera.bytesPerPixel])]);
}

/** uint8 [h, w, 3]. @param planes float32 [1, 3, h, w], 0..255. */
function imageBytes(g: GraphBuilder, planes: string): string {
  const rounded = g.op('Cast', [g.op('Round', [planes])], { to: ELEMENT_TYPES.uint8 });
  return g.op('Squeeze', [g.op('Transpose', [rounded], { perm: [0, 2, 3, 1] }), vector(g, [0])]);
}

/** uint16 [H, W] millimetres, rounded; 0 where depth is not finite or does not fit (REP 118's integer form). */
function millimetres(g: GraphBuilder, depth: string): string {
  const value = g.op('Round', [g.op('Mul', [depth, scalarFloat(g, 1000)])]);
  const fits = g.op('LessOrEqual', [value, scalarFloat(g, 65535)]); // false for NaN and +Inf
  return g.op('Cast', [g.op('Where', [fits, value, scalarFloat(g, 0)])], { to: ELEMENT_TYPES.uint16 });
}

/** bool scalar: whether a value has more than one element. */
function isSeveral(g: GraphBuilder, value: string): string {
  return g.op('Greater', [g.op('Size', [value]), scalar(g, 1)]);
}

/**
 * Labels, colours and mask; where the image was resized outside of the graph, the labels alone: `palette` says the rest.
 * @param isResized absent: never.
 */
function labelOutputs(
  g: GraphBuilder,
  manifest: Manifest,
  grid: LabelGrid,
  isResized: string | undefined,
): string[] {
  const labels = onCameraPixels(g, grid);
  if (isResized === undefined) return [labels, ...colored(g, manifest, grid)];
  const others = g.if(
    isResized,
    (b) => [empty(b, 'uint8', [0, 0, 3]), empty(b, 'uint8', [0, 0])],
    (b) => colored(b, manifest, grid),
    2,
  );
  return [labels, ...others];
}

/** [256, 4]: R, G and B of each class, and its mask. */
function paletteOf(manifest: Manifest): Uint8Array {
  const { palette, dynamics } = classTables(manifest);
  return Uint8Array.from({ length: 4 * 256 }, (_, i) =>
    i % 4 === 3 ? dynamics[i >> 2] : palette[3 * (i >> 2) + (i % 4)],
  );
}

/**
 * Labels uint8 [H, W].
 *
 * Columns are taken as rows of the transpose. onnxruntime copies rows whole, and single bytes one after another, so that this
 * way takes an eighth of the time.
 */
function onCameraPixels(g: GraphBuilder, { labels, rows, columns }: LabelGrid): string {
  return tall(g, wide(g, g.op('Transpose', [labels], { perm: [1, 0] }), columns), rows);
}

/** Colours of the labels, uint8 [H, W, 3], and their dynamic-class mask [H, W]. */
function colored(g: GraphBuilder, manifest: Manifest, { labels, rows, columns }: LabelGrid): string[] {
  const { palette, dynamics } = classTables(manifest);
  const turned = g.op('Transpose', [labels], { perm: [1, 0] });
  const index = g.op('Cast', [turned], { to: ELEMENT_TYPES.int32 });
  const look = (values: Uint8Array) =>
    wide(g, g.op('Gather', [g.constant(values, 'uint8', [256]), index]), columns);
  const channel = (at: number) => look(palette.filter((_, i) => i % 3 === at));
  // The colours of a row's pixels lie beside each other: their planes, transposed as a matrix of three rows.
  const planes = g.op('Reshape', [
    g.op('Concat', [channel(0), channel(1), channel(2)], { axis: 0 }),
    vector(g, [3, -1]),
  ]);
  const mask = look(dynamics);
  const interleaved = g.op('Reshape', [
    g.op('Transpose', [planes], { perm: [1, 0] }),
    g.op('Concat', [g.op('Shape', [mask]), vector(g, [3])], { axis: 0 }),
  ]);
  return [tall(g, interleaved, rows), tall(g, mask, rows)];
}

/** uint8 [w, h] -> [h, W]. */
function wide(g: GraphBuilder, map: string, columns: string): string {
  return g.op('Transpose', [g.op('Gather', [map, columns], { axis: 0 })], { perm: [1, 0] });
}

/** uint8 [h, W, ...] -> [H, W, ...]. */
function tall(g: GraphBuilder, map: string, rows: string): string {
  return g.op('Gather', [map, rows], { axis: 0 });
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
