import { CITYSCAPES_CLASSES } from '../../../models/class-table.js';
import { GRAPH_CONTRACT } from '../../../models/graph-contract.js';
import type { Manifest } from '../../../models/manifest.js';
import { InferenceSession, Tensor } from '../../../models/onnxruntime.js';
import type { GraphBuilder } from '../../../training/onnx/graph-builder.js';
import { graphMetadata } from '../../../training/perception-graph/perception-contract.js';
import {
  buildPerceptionGraph,
  type EmbeddedNetwork,
} from '../../../training/perception-graph/perception-graph.js';

export const CANONICAL = 50;
export const FAR = 80;

export function manifestOf(pixels: number, multiple: number): Manifest {
  return {
    name: 'test',
    version: 1,
    contract: GRAPH_CONTRACT,
    license: 'none',
    input: {
      pixels,
      multiple,
      mean: [0.5, 0.4, 0.3],
      std: [0.25, 0.5, 0.2],
      canonicalFocalPixels: CANONICAL,
    },
    depth: { kind: 'disparity', metric: true, minMeters: 0.1, maxMeters: 100, farMeters: FAR },
    classes: CITYSCAPES_CLASSES.map(({ name, color, dynamic }) => ({ name, color: [...color], dynamic })),
    network: { architecture: 'test', options: {} },
    files: {},
    provenance: {
      ...{ method: 'none', data: 'none', seed: 0, steps: 0, trainedSeconds: 0, command: 'none' },
      ...{ createdAt: '2020-01-01T00:00:00Z', metrics: {} },
    },
  };
}

/** Constants of the graph. */
export const floats = (g: GraphBuilder, values: number[], shape: number[] = []) =>
  g.constant(values, 'float32', shape);

/** One of the three planes of the normalised image with the normalisation undone: 0..1. */
export function plane(g: GraphBuilder, image: string, index: number): string {
  const { mean, std } = manifestOf(1, 1).input;
  const channel = g.op('Gather', [image, g.constant([index], 'int64', [1])], { axis: 1 });
  return g.op('Add', [g.op('Mul', [channel, floats(g, [std[index] ?? 0])]), floats(g, [mean[index] ?? 0])]);
}

/** Disparity = red (0..1), label = round(18 * green), at 1 / 2^scale of the size; every number can be predicted. */
export function redNetwork(logitScale = 0): EmbeddedNetwork {
  let green = '';
  return {
    logitScale,
    values(g, image) {
      green = plane(g, image, 1);
      return plane(g, image, 0);
    },
    logits(g) {
      const factor = 2 ** logitScale;
      const size = [factor, factor];
      const small = g.op('AveragePool', [green], { kernel_shape: size, strides: size });
      const classes = floats(
        g,
        CITYSCAPES_CLASSES.map((_, index) => index),
        [1, CITYSCAPES_CLASSES.length, 1, 1],
      );
      return g.op('Neg', [g.op('Abs', [g.op('Sub', [g.op('Mul', [small, floats(g, [18])]), classes])])]);
    },
  };
}

/** Disparity depends on the size of the network's input alone: height + width / 10000. Its labels are not to be asked for. */
export const sizeNetwork: EmbeddedNetwork = {
  logitScale: 0,
  values(g, image) {
    const extent = (axis: number) =>
      g.op('Cast', [g.op('Gather', [g.op('Shape', [image]), g.constant([axis], 'int64', [])])], { to: 1 });
    const value = g.op('Add', [extent(2), g.op('Div', [extent(3), floats(g, [10000])])]);
    return g.op('Add', [g.op('Mul', [plane(g, image, 0), floats(g, [0])]), value]);
  },
  logits: (g) => g.op('Identity', [floats(g, [0], [1, 1, 1, 1])]),
};

export async function sessionOf(
  network: EmbeddedNetwork,
  pixels: number,
  multiple = 32,
): Promise<InferenceSession> {
  const manifest = manifestOf(pixels, multiple);
  const graph = buildPerceptionGraph(manifest, network).toModel({ metadata: graphMetadata(manifest) });
  return InferenceSession.create(graph, { intraOpNumThreads: 1, logSeverityLevel: 4 });
}

export interface Camera {
  readonly height: number;
  readonly width: number;
  /** One byte a channel of the pixel at column x, row y. */
  readonly pixel?: (x: number, y: number) => readonly number[];
  readonly order?: readonly [number, number, number];
  readonly rowPadding?: number;
  readonly fx?: number;
  readonly fy?: number;
  readonly scale?: number;
  readonly stride?: number;
  readonly wants?: {
    readonly labels?: boolean;
    readonly points?: boolean;
    readonly depth16?: boolean;
    readonly networkImage?: boolean;
    /** For networks that have it. */
    readonly confidence?: boolean;
  };
}

export interface Outputs {
  readonly depth: Float32Array;
  readonly depth16: Uint16Array;
  readonly labels: Uint8Array;
  readonly color: Uint8Array;
  readonly dynamic: Uint8Array;
  readonly points: Float32Array;
  readonly networkImage: Uint8Array;
  readonly confidence: Float32Array;
  readonly dims: Record<string, readonly number[]>;
}

/** What the graph makes of a picture that this camera takes. */
export async function perceive(session: InferenceSession, camera: Camera): Promise<Outputs> {
  const { height, width, pixel = () => [0, 0, 0], order = [0, 1, 2], rowPadding = 0 } = camera;
  const { fx = CANONICAL, fy = fx, scale = 1, stride = 1, wants = {} } = camera;
  const channels = pixel(0, 0).length;
  const step = width * channels + rowPadding;
  const image = new Uint8Array(step * height).fill(173); // what the padding holds must not matter
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) image.set(pixel(x, y), y * step + x * channels);
  }
  const { cx, cy } = { cx: (width - 1) / 2 + 0.7, cy: (height - 1) / 2 - 0.4 };
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const rays = Float32Array.from({ length: rows * columns * 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / 2 / columns) * stride, (Math.floor(i / 2) % columns) * stride];
    return i % 2 === 0 ? (column - cx) / fx : (row - cy) / fy;
  });
  const int64 = (values: readonly number[], dims: number[]) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  const result = await session.run({
    image: new Tensor('uint8', image, [height, step]),
    width: int64([width], []),
    bytes_per_pixel: int64([channels], []),
    channel_order: int64(order, [3]),
    k: new Tensor('float32', Float32Array.of(fx, 0, cx, 0, fy, cy, 0, 0, 1), [3, 3]),
    scale: new Tensor('float32', Float32Array.of(scale), []),
    rays: new Tensor('float32', rays, [rows, columns, 2]),
    point_stride: int64([stride], []),
    want_labels: new Tensor('bool', [wants.labels ?? true], []),
    want_points: new Tensor('bool', [wants.points ?? true], []),
    want_depth16: new Tensor('bool', [wants.depth16 ?? true], []),
    want_network_image: new Tensor('bool', [wants.networkImage ?? false], []),
    resized_image: new Tensor('float32', new Float32Array(1), [1, 1, 1, 1]),
    ...(wants.confidence !== undefined && { want_confidence: new Tensor('bool', [wants.confidence], []) }),
  });
  const data = <T>(name: string): T => result[name]?.data as T; // types as the contract says; `dims` checks the rest
  return {
    depth: data('depth'),
    depth16: data('depth16'),
    labels: data('labels'),
    color: data('color'),
    dynamic: data('dynamic'),
    points: data('points'),
    networkImage: data('network_image'),
    confidence: data('confidence'),
    dims: Object.fromEntries(Object.entries(result).map(([name, { dims }]) => [name, dims])),
  };
}

export const near = (a: number | undefined, b: number, relative = 1e-5): boolean =>
  a !== undefined && Math.abs(a - b) <= relative * Math.max(1, Math.abs(b));

/** A camera image whose every pixel is one pixel of the network (64 x 32, focal length canonical). */
export const ONE_TO_ONE = { width: 64, height: 32 };

/** Size of the network's input, and of the part of it that shows the image, after docs/perception-graph.md. */
export function expectedSize(
  { height, width, fx = CANONICAL, fy = fx }: Camera,
  pixels: number,
  multiple: number,
) {
  const square = (height * fx) / fy;
  const ideal = Math.sqrt(pixels / (width * square));
  const toMultiple = (extent: number) => multiple * Math.max(1, Math.round(extent / multiple));
  const size = { networkWidth: toMultiple(width * ideal), networkHeight: toMultiple(square * ideal) };
  const ratio = Math.min(size.networkWidth / width, size.networkHeight / square);
  const [rows, columns] = [square, width].map((extent) => Math.max(1, Math.round(extent * ratio))) as [
    number,
    number,
  ];
  return { ...size, rows, columns, focal: fx * ratio };
}
