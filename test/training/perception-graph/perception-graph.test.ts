import test from 'ava';
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

const CANONICAL = 50;
const FAR = 80;

function manifestOf(pixels: number, multiple: number): Manifest {
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

const floats = (g: GraphBuilder, values: number[], shape: number[] = []) =>
  g.constant(values, 'float32', shape);

/** One of the three planes of the normalised image with the normalisation undone: 0..1. */
function plane(g: GraphBuilder, image: string, index: number): string {
  const { mean, std } = manifestOf(1, 1).input;
  const channel = g.op('Gather', [image, g.constant([index], 'int64', [1])], { axis: 1 });
  return g.op('Add', [g.op('Mul', [channel, floats(g, [std[index] ?? 0])]), floats(g, [mean[index] ?? 0])]);
}

/** Disparity = red (0..1), label = round(18 * green), at 1 / 2^scale of the size; every number can be predicted. */
function redNetwork(logitScale = 0): EmbeddedNetwork {
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
const sizeNetwork: EmbeddedNetwork = {
  logitScale: 0,
  values(g, image) {
    const extent = (axis: number) =>
      g.op('Cast', [g.op('Gather', [g.op('Shape', [image]), g.constant([axis], 'int64', [])])], { to: 1 });
    const value = g.op('Add', [extent(2), g.op('Div', [extent(3), floats(g, [10000])])]);
    return g.op('Add', [g.op('Mul', [plane(g, image, 0), floats(g, [0])]), value]);
  },
  logits: (g) => g.op('Identity', [floats(g, [0], [1, 1, 1, 1])]),
};

async function sessionOf(network: EmbeddedNetwork, pixels: number, multiple = 32): Promise<InferenceSession> {
  const manifest = manifestOf(pixels, multiple);
  const graph = buildPerceptionGraph(manifest, network).toModel({ metadata: graphMetadata(manifest) });
  return InferenceSession.create(graph, { intraOpNumThreads: 1, logSeverityLevel: 4 });
}

interface Camera {
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

interface Outputs {
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

async function perceive(session: InferenceSession, camera: Camera): Promise<Outputs> {
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

const near = (a: number | undefined, b: number, relative = 1e-5): boolean =>
  a !== undefined && Math.abs(a - b) <= relative * Math.max(1, Math.abs(b));

/** A camera image whose every pixel is one pixel of the network (64 x 32, focal length canonical). */
const ONE_TO_ONE = { width: 64, height: 32 };

test('outputs have the size of the camera image, whatever it is', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const sizes = [
    [1, 1],
    [1, 7],
    [9, 1],
    [33, 47],
    [375, 1242],
    [480, 640],
    [640, 360], // portrait
    [16, 2000], // very wide
    [720, 1280],
  ] as const;
  for (const [height, width] of sizes) {
    const { dims, depth } = await perceive(session, {
      height,
      width,
      stride: 3,
      pixel: () => [51, 0, 0],
      fy: 47,
    });
    const points = [Math.ceil(height / 3), Math.ceil(width / 3), 3];
    const size = [height, width];
    t.deepEqual(
      dims,
      {
        ...{ depth: size, depth16: size, labels: size, color: [...size, 3], dynamic: size, points },
        network_image: [0, 0, 3],
      },
      `${size}`,
    );
    t.true(depth.every((meters) => near(meters, depth[0] ?? 0) && meters > 0));
  }
});

/** Size of the network's input, and of the part of it that shows the image, after docs/perception-graph.md. */
function expectedSize({ height, width, fx = CANONICAL, fy = fx }: Camera, pixels: number, multiple: number) {
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

test("the network's size and focal length follow from the aspect ratio of the camera", async (t) => {
  const session = await sessionOf(sizeNetwork, 640 * 192);
  const cameras: Camera[] = [
    { height: 375, width: 1242, fx: 721.5 },
    { height: 480, width: 640, fx: 525 },
    { height: 1080, width: 1920, fx: 1000 },
    { height: 1242, width: 375, fx: 700 },
    { height: 201, width: 333, fx: 300, fy: 150 },
    { height: 201, width: 333, fx: 150, fy: 300 },
  ];
  for (const camera of cameras) {
    const { networkWidth, networkHeight, focal } = expectedSize(camera, 640 * 192, 32);
    const { depth } = await perceive(session, { ...camera, wants: { labels: false } });
    const disparity = networkHeight + networkWidth / 10000;
    t.true(near(depth[0], focal / CANONICAL / disparity), `${camera.width} x ${camera.height}: ${depth[0]}`);
    const share = (networkWidth * networkHeight) / (640 * 192);
    t.true(share > 0.8 && share < 1.25, 'about as many pixels as asked for');
  }
});

test('padding of the rows and the order of the channels make no difference', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const red = (x: number, y: number) => 20 + x * 3 + y;
  const green = (x: number, y: number) => (x * 4 + y * 2) % 256;
  const rgb = await perceive(session, { ...ONE_TO_ONE, pixel: (x, y) => [red(x, y), green(x, y), 9] });
  const others: Record<string, Omit<Camera, 'height' | 'width'>> = {
    'padded rgb8': { pixel: (x, y) => [red(x, y), green(x, y), 9], rowPadding: 13 },
    bgr8: { pixel: (x, y) => [9, green(x, y), red(x, y)], order: [2, 1, 0] },
    bgra8: { pixel: (x, y) => [9, green(x, y), red(x, y), 200], order: [2, 1, 0], rowPadding: 64 },
    rgba8: { pixel: (x, y) => [red(x, y), green(x, y), 9, 0] },
  };
  for (const [name, camera] of Object.entries(others)) {
    const same = await perceive(session, { ...ONE_TO_ONE, ...camera });
    t.deepEqual(same.depth, rgb.depth, name);
    t.deepEqual(same.labels, rgb.labels, name);
  }
  const grey = await perceive(session, { ...ONE_TO_ONE, pixel: (x, y) => [red(x, y), red(x, y), 9] });
  const mono = { pixel: (x: number, y: number) => [red(x, y)], order: [0, 0, 0] as const, rowPadding: 5 };
  const mono8 = await perceive(session, { ...ONE_TO_ONE, ...mono });
  t.deepEqual(mono8.depth, grey.depth);
  t.deepEqual(mono8.labels, grey.labels);
  for (let i = 0; i < 64 * 32; i++) t.true(near(rgb.depth[i], 255 / red(i % 64, Math.floor(i / 64)), 1e-4));
});

test('the same scene at another resolution has the same depth', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  // Red falls linearly over the picture, so that every resize has the same value at the same place.
  const at = (factor: number): Camera => ({
    width: 64 * factor,
    height: 32 * factor,
    fx: 40 * factor,
    pixel: (x) => [Math.round(40 + ((x + 0.5) / (64 * factor)) * 200), 0, 0],
  });
  const one = await perceive(session, at(1));
  for (const factor of [2, 5]) {
    const other = await perceive(session, at(factor));
    for (let x = 4; x < 60; x++) {
      const centre = (Math.floor(16.5 * factor) * 64 + x) * factor + Math.floor(factor / 2);
      t.true(near(other.depth[centre], one.depth[16 * 64 + x] ?? 0, 0.03), `factor ${factor}, column ${x}`);
    }
  }
});

test('depth grows with the focal length and with the scale', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const wall: Camera = { ...ONE_TO_ONE, pixel: () => [51, 0, 0] }; // disparity 0.2 at the canonical focal length
  t.true(near((await perceive(session, wall)).depth[99], 5));
  t.true(near((await perceive(session, { ...wall, fx: 150 })).depth[99], 15));
  t.true(near((await perceive(session, { ...wall, fx: 150, scale: 0.5 })).depth[99], 7.5));
  // Twice the pixels and twice the focal length: the same camera.
  t.true(near((await perceive(session, { ...wall, width: 128, height: 64, fx: 100 })).depth[99], 5));
});

test('pixels that are not square: the rows are resized by fx / fy more', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  // 64 x 16 pixels, twice as high as wide: for the network 64 x 32. Column widths decide the depth.
  const camera: Camera = { width: 64, height: 16, fx: 50, fy: 25, pixel: (_x, y) => [60 + y * 8, 0, 0] };
  const { depth } = await perceive(session, camera);
  for (let y = 2; y < 14; y++) t.true(near(depth[y * 64 + 30], 255 / (60 + y * 8), 0.02), `row ${y}`);
});

test('+Inf beyond the range, NaN where the network has none, zero in millimetres for both', async (t) => {
  const scene: EmbeddedNetwork = {
    ...sizeNetwork,
    // The red byte chooses; NaN is infinity - infinity.
    values(g, image) {
      const red = plane(g, image, 0);
      const is = (byte: number) =>
        g.op('Less', [g.op('Abs', [g.op('Sub', [red, floats(g, [byte / 255])])]), floats(g, [1e-4])]);
      const infinity = g.op('Mul', [red, floats(g, [Number.POSITIVE_INFINITY])]);
      const nan = g.op('Sub', [infinity, infinity]);
      const values: [number, string][] = [
        [1, nan],
        [2, floats(g, [1 / (FAR + 0.01)])],
        [3, floats(g, [1 / (FAR - 0.01)])],
        [4, floats(g, [-1])],
        [5, floats(g, [0])],
        [6, floats(g, [1 / 65.5354])],
        [7, floats(g, [1 / 65.5356])],
        [8, floats(g, [1 / 0.0016])],
        [9, floats(g, [1 / 0.0004])],
        [10, floats(g, [1 / 12.3456])],
      ];
      return values.reduce((rest, [byte, value]) => g.op('Where', [is(byte), value, rest]), red);
    },
  };
  const session = await sessionOf(scene, 64 * 32);
  const at = async (byte: number) => {
    const { depth, depth16, points } = await perceive(session, {
      ...ONE_TO_ONE,
      pixel: () => [byte, 0, 0],
      wants: { labels: false },
    });
    return { meters: depth[500], millimetres: depth16[500], z: points[500 * 3 + 2] };
  };
  t.deepEqual(await at(1), { meters: Number.NaN, millimetres: 0, z: Number.NaN });
  for (const byte of [2, 4, 5]) {
    t.deepEqual(await at(byte), { meters: Number.POSITIVE_INFINITY, millimetres: 0, z: Number.NaN });
  }
  t.true(near((await at(3)).meters, FAR - 0.01));
  t.is((await at(3)).millimetres, 0, 'finite, but beyond 65.535 m');
  t.is((await at(6)).millimetres, 65535, 'the last that fits');
  t.is((await at(7)).millimetres, 0);
  t.is((await at(8)).millimetres, 2, 'rounded, not cut off');
  t.is((await at(9)).millimetres, 0);
  t.is((await at(10)).millimetres, 12346);
});

test('the range ends at farMeters times the focal length and the scale', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const camera: Camera = { ...ONE_TO_ONE, pixel: (x) => [x < 32 ? 3 : 4, 0, 0], fx: 100, scale: 2 }; // 1/85, 1/63.75
  const { depth } = await perceive(session, camera);
  t.is(depth[0], Number.POSITIVE_INFINITY);
  t.true(near(depth[63], 63.75 * 4, 1e-4));
});

for (const logitScale of [0, 1, 2]) {
  test(`labels are those of the nearest network pixel, logits at 1/${2 ** logitScale}`, async (t) => {
    const session = await sessionOf(redNetwork(logitScale), 64 * 32);
    const camera = { width: 200, height: 90 };
    const { columns, rows } = expectedSize(camera, 64 * 32, 32);
    t.deepEqual([columns, rows], [64, 29], 'three rows are padding');
    // Vertical stripes of one class each, wide enough to survive the resize.
    const classOf = (x: number) => Math.floor(x / 20) + 8;
    const { labels, color, dynamic } = await perceive(session, {
      ...camera,
      pixel: (x) => [100, Math.round((classOf(x) * 255) / 18), 0],
    });
    const margin = 3 * 2 ** logitScale;
    for (let y = 0; y < 90; y++) {
      for (let x = 0; x < 200; x++) {
        const inStripe = x % 20;
        if (inStripe < margin || inStripe >= 20 - margin) continue;
        const at = y * 200 + x;
        const expected = CITYSCAPES_CLASSES[classOf(x)];
        t.is(labels[at], classOf(x));
        t.deepEqual([...color.subarray(at * 3, at * 3 + 3)], [...(expected?.color ?? [])]);
        t.is(dynamic[at], expected?.dynamic ? 255 : 0);
      }
    }
  });
}

test('the nearest index is floor((i + 0.5) * network / camera), of the rows that show the image', async (t) => {
  // Labels straight from the place: row + column of the network's pixel, modulo 19.
  const placed: EmbeddedNetwork = {
    ...redNetwork(),
    logits(g) {
      const ramp = (name: string, axis: number) => {
        const size = g.op('Gather', [g.op('Shape', [name]), g.constant([axis], 'int64', [])]);
        const zero = g.constant([0], 'int64', []);
        const one = g.constant([1], 'int64', []);
        const range = g.op('Cast', [g.op('Range', [zero, size, one])], { to: 1 });
        return g.op('Reshape', [range, g.constant(axis === 2 ? [1, 1, -1, 1] : [1, 1, 1, -1], 'int64', [4])]);
      };
      const sum = g.op('Add', [ramp(this.image, 2), ramp(this.image, 3)]);
      const classes = floats(
        g,
        CITYSCAPES_CLASSES.map((_, index) => index),
        [1, 19, 1, 1],
      );
      const label = g.op('Mod', [sum, floats(g, [19])], { fmod: 1 });
      return g.op('Neg', [g.op('Abs', [g.op('Sub', [label, classes])])]);
    },
    values(g, image) {
      this.image = image;
      return plane(g, image, 0);
    },
    image: '',
  } as EmbeddedNetwork & { image: string };
  const session = await sessionOf(placed, 64 * 32);
  for (const camera of [
    { width: 200, height: 90 },
    { width: 41, height: 67 },
    { width: 3, height: 2 },
    { width: 999, height: 5 },
  ]) {
    const { columns, rows } = expectedSize(camera, 64 * 32, 32);
    const { labels } = await perceive(session, camera);
    for (let y = 0; y < camera.height; y++) {
      for (let x = 0; x < camera.width; x++) {
        const row = Math.floor(((y + 0.5) * rows) / camera.height);
        const column = Math.floor(((x + 0.5) * columns) / camera.width);
        t.is(
          labels[y * camera.width + x],
          (row + column) % 19,
          `${camera.width} x ${camera.height}: ${x}, ${y}`,
        );
      }
    }
  }
});

test('points lie on their rays and project back onto their pixels', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const camera: Camera = {
    width: 50,
    height: 37,
    fx: 60,
    fy: 55,
    stride: 4,
    pixel: (x, y) => [30 + x + 2 * y, 0, 0],
  };
  const { points, depth, dims } = await perceive(session, camera);
  t.deepEqual(dims.points, [10, 13, 3]);
  const { cx, cy } = { cx: 24.5 + 0.7, cy: 18 - 0.4 };
  for (let row = 0; row < 10; row++) {
    for (let column = 0; column < 13; column++) {
      const [x = 0, y = 0, z = 0] = points.subarray((row * 13 + column) * 3);
      t.is(z, depth[row * 4 * 50 + column * 4]);
      t.true(Math.abs((60 * x) / z + cx - column * 4) < 1e-3);
      t.true(Math.abs((55 * y) / z + cy - row * 4) < 1e-3);
    }
  }
});

test('what is not wanted has no rows, and the depth stays the same to the last bit', async (t) => {
  const session = await sessionOf(redNetwork(1), 64 * 32);
  const camera: Camera = { width: 100, height: 41, pixel: (x, y) => [(x * 7 + y * 3) % 256, x, 0] };
  const all = await perceive(session, camera);
  const empty: Record<string, readonly number[]> = {
    depth16: [0, 0],
    labels: [0, 0],
    color: [0, 0, 3],
    dynamic: [0, 0],
    points: [0, 0, 3],
    network_image: [0, 0, 3],
  };
  for (const want of ['labels', 'points', 'depth16'] as const) {
    const wants = { labels: false, points: false, depth16: false, [want]: true };
    const some = await perceive(session, { ...camera, wants });
    t.deepEqual(Buffer.from(some.depth.buffer), Buffer.from(all.depth.buffer));
    const names = want === 'labels' ? ['labels', 'color', 'dynamic'] : [want];
    t.deepEqual(some.dims, {
      ...empty,
      depth: [41, 100],
      ...Object.fromEntries(names.map((name) => [name, all.dims[name]])),
    });
  }
});

test('the graph says which contract it follows and of which model it is', (t) => {
  t.deepEqual(graphMetadata(manifestOf(1, 1)), { 'rxdepth.contract': '1', 'rxdepth.model': 'test 1' });
});

test('a calibration without focal lengths is an error, not a picture', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  await t.throwsAsync(perceive(session, { ...ONE_TO_ONE, fx: 0, fy: 0 }));
});

test('a model without classes has depth and points, and labels without rows even if they are wanted', async (t) => {
  const manifest = { ...manifestOf(64 * 32, 32), classes: [] };
  const refusing: EmbeddedNetwork = {
    ...redNetwork(),
    logits: () => t.fail('there are no logits to ask for') as never,
  };
  const graph = buildPerceptionGraph(manifest, refusing).toModel({ metadata: graphMetadata(manifest) });
  const session = await InferenceSession.create(graph, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const labels = session.outputMetadata.find(({ name }) => name === 'labels');
  t.deepEqual(labels?.isTensor === true && labels.shape, [0, 0], 'known before the first frame');
  for (const wanted of [true, false]) {
    const pixel = () => [51, 0, 0];
    const { depth, dims } = await perceive(session, { ...ONE_TO_ONE, pixel, wants: { labels: wanted } });
    t.deepEqual(
      [dims.labels, dims.color, dims.dynamic],
      [
        [0, 0],
        [0, 0, 3],
        [0, 0],
      ],
    );
    t.deepEqual(dims.points, [32, 64, 3]);
    t.true(depth.every((meters) => near(meters, 5))); // 51 / 255 = 1 / 5
  }
});

test('the image as the network sees it: RGB bytes, without row padding and letterbox, only where wanted', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const pixel = (x: number, y: number) => [3 * x, 5 * y, 200];
  const { networkImage, dims } = await perceive(session, {
    ...ONE_TO_ONE,
    pixel: (x, y) => [...pixel(x, y)].reverse(),
    order: [2, 1, 0],
    rowPadding: 5,
    wants: { networkImage: true },
  });
  t.deepEqual(dims.network_image, [32, 64, 3]);
  const expected = Array.from({ length: 32 * 64 }, (_, i) => pixel(i % 64, Math.floor(i / 64))).flat();
  t.deepEqual([...networkImage], expected);
  // 80 x 32 pixels become 64 x 26 of a network of 64 x 32.
  const wide = await perceive(session, {
    ...{ width: 80, height: 32 },
    pixel: () => [90, 60, 30],
    wants: { networkImage: true },
  });
  t.deepEqual(wide.dims.network_image, [26, 64, 3]);
  t.true(wide.networkImage.every((value, i) => value === [90, 60, 30][i % 3]));
  t.deepEqual((await perceive(session, ONE_TO_ONE)).dims.network_image, [0, 0, 3]);
});

test('the confidence is the probability of its logits, seen by the camera as the depth is, where it is wanted', async (t) => {
  // Logits = 8 * green - 4, at half the resolution.
  const red = redNetwork();
  const network: EmbeddedNetwork = {
    ...red,
    confidence: (g) => {
      const size = { kernel_shape: [2, 2], strides: [2, 2] };
      const small = g.op('AveragePool', [plane(g, seen, 1)], size);
      return g.op('Add', [g.op('Mul', [small, floats(g, [8])]), floats(g, [-4])]);
    },
    values(g, image) {
      seen = image;
      return red.values(g, image);
    },
  };
  let seen = '';
  const session = await sessionOf(network, 64 * 32);
  // Padded on the right: what the padding repeats must not be stretched over the image.
  const camera: Camera = { width: 59, height: 32, pixel: (x) => [51, x < 30 ? 51 : 204, 0] };
  const { confidence, dims } = await perceive(session, { ...camera, wants: { confidence: true } });
  t.deepEqual(dims.confidence, [32, 59]);
  const at = (x: number) => confidence[16 * 59 + x];
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  t.true(near(at(3), sigmoid(8 * 0.2 - 4), 1e-3));
  t.true(near(at(55), sigmoid(8 * 0.8 - 4), 1e-3));
  // The edge is where the depth's would be, give or take half a pixel of the head.
  const middle = Array.from({ length: 59 }, (_, x) => x).find((x) => (at(x) ?? 0) > 0.5) ?? 0;
  t.true(Math.abs(middle - 30) <= 2, `${middle}`);
  const unwanted = await perceive(session, { ...camera, wants: { confidence: false } });
  t.deepEqual(unwanted.dims.confidence, [0, 0]);
  await session.release();
});
