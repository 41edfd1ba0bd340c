import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { graphFeeds } from '../../../../models/graph-feeds.js';
import { ModelRunner } from '../../../../models/model-runner.js';
import { loadModel } from '../../../../models/model-store.js';
import { openSession } from '../../../../models/open-session.js';
import type { RgbPicture } from '../../../../msgs/picture/rgb-picture.js';
import { TrainingError } from '../../../../training/errors.js';
import type { Initializer, Node, ValueInfo } from '../../../../training/onnx/model-proto.js';
import type { ElementType } from '../../../../training/onnx/tensor-data.js';
import { writeTestModel } from '../../../nodes/test-model.js';
import { int, ints, modelBytes, node } from './carry-over.js';
import { camera, depth, greyNetwork, H, near, picture, setUp, W } from './import-set-up.js';

const value = (name: string, shape: (number | string)[], dtype: ElementType = 'float32'): ValueInfo => ({
  name,
  type: { dtype, shape },
});
const floats = (name: string, shape: number[], ...numbers: number[]): Initializer => ({
  ...{ name, dtype: 'float32', shape },
  source: Float32Array.from(numbers),
});
const longs = (name: string, ...numbers: number[]): Initializer => ({
  ...{ name, dtype: 'int64', shape: [numbers.length] },
  source: BigInt64Array.from(numbers, BigInt),
});
/** Red, green and blue of `x` [1, 3, h, w] as maps of one channel. */
const PLANES = node('Split', ['x'], ['red', 'green', 'blue'], { axis: int(1) });
const IMAGE = value('x', [1, 3, H, W]);
const meters = { onnx: 'net.onnx', values: { meaning: 'depth' }, metric: true } as const;

interface Signature {
  readonly nodes: readonly Node[];
  readonly inputs?: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers?: readonly Initializer[];
}

const network = ({ nodes, inputs = [IMAGE], outputs, initializers = [] }: Signature): Uint8Array =>
  modelBytes(13, nodes, { inputs, outputs, initializers });

/** Depth, labels and confidence of a picture. */
async function perceived(t: ExecutionContext, folder: string, of: RgbPicture, fx = 50) {
  const { session } = await openSession((await loadModel(folder)).graphPath, 'cpu', 1);
  t.teardown(() => session.release());
  const { width, height, rgb: data } = of;
  const pixels = { data, height, width, step: 3 * width, bytesPerPixel: 3, channelOrder: [0, 1, 2] as const };
  const intrinsics = { fx, fy: fx, cx: 20, cy: 10 };
  const asked = graphFeeds({ pixels, intrinsics, labels: true, confidence: true, networkImage: true });
  const outputs = await session.run(asked);
  return {
    depth: outputs.depth.data as Float32Array,
    labels: outputs.labels.data as Uint8Array,
    confidence: outputs.confidence?.data as Float32Array | undefined,
  };
}

const shades = picture(W, H, (x, y) => [4 * x, 8 * y, 102]);

test.serial('the camera matrix is fed at the size of the network, in every form', async (t) => {
  const { output, importModel } = await setUp(t);
  // Depth is what is asked of K: an element of the input, spread over the picture.
  const picked = (shape: (number | string)[], at: number): Uint8Array =>
    network({
      nodes: [
        node('Reshape', ['k', 'flat'], ['all']),
        node('Gather', ['all', 'at'], ['one']),
        node('Mul', ['x', 'none'], ['zeros']),
        node('ReduceMean', ['zeros'], ['plane'], { axes: ints(1), keepdims: int(1) }),
        node('Add', ['plane', 'one'], ['d']),
      ],
      inputs: [IMAGE, value('k', shape)],
      outputs: [value('d', [1, 1, H, W])],
      initializers: [floats('none', [], 0), longs('flat', -1), longs('at', at)],
    });
  // Twice as large as the network: 64 x 32 of 128 x 64. K of fx 100, cx 20, cy 10.
  const large = picture(2 * W, 2 * H, () => [9, 9, 9]);
  for (const [what, shape, at, expected] of [
    ['intrinsics', ['b', 3, 3], 0, 50],
    ['intrinsics', [1, 1, 3, 3], 2, 10],
    ['intrinsics', [3, 3], 5, 5],
    ['inverse-intrinsics', [1, 3, 3], 4, 1 / 50],
    ['normalized-intrinsics', [1, 3, 3], 0, 50 / W],
    ['normalized-intrinsics', [1, 3, 3], 5, 5 / H],
    ['fx-fy-cx-cy', [1, 4], 2, 10],
    ['focal-length', [1], 0, 50],
    // Of the ray through the first pixel: (0 - 10) / 50, (0 - 5) / 50 and 1, of length 1.
    ['rays', [1, 3, H, W], 2 * H * W, 1 / Math.hypot(0.2, 0.1, 1)],
  ] as const) {
    await importModel(picked([...shape], at), { depth: { ...meters, inputs: { k: what } } });
    near(t, (await perceived(t, output, large, 100)).depth[77], expected, `${what} ${at}`);
  }
});

test.serial('constants fill the inputs that the image and the camera do not', async (t) => {
  const { output, importModel } = await setUp(t);
  const inputs = [
    value('x', ['b', 3, 'h', 'w']),
    value('tokens', [], 'int64'),
    value('pair', [1, 2]),
    value('flag', [1], 'bool'),
  ];
  const nodes = [
    node('Cast', ['tokens'], ['t'], { to: int(1) }),
    node('Cast', ['flag'], ['f'], { to: int(1) }),
    node('ReduceSum', ['pair'], ['p'], { keepdims: int(0) }),
    node('ReduceMean', ['x'], ['d'], { axes: ints(1), keepdims: int(1) }),
    ...[node('Add', ['d', 't'], ['dt']), node('Add', ['dt', 'p'], ['dtp']), node('Add', ['dtp', 'f'], ['y'])],
  ];
  const bytes = network({ nodes, inputs, outputs: [value('y', ['b', 1, 'h', 'w'])] });
  const image = { size: { height: H, width: W } };
  const feeds = { tokens: 7, pair: [0.25, 2], flag: true };
  await importModel(bytes, { depth: { ...meters, input: image, inputs: feeds } });
  near(t, (await perceived(t, output, shades)).depth[0], 7 + 2.25 + 1 + 102 / 255 / 3);
  const refused = (others: object, message: RegExp) =>
    t.throwsAsync(importModel(bytes, { depth: { ...meters, input: image, inputs: others } }), {
      instanceOf: TrainingError,
      message,
    });
  await refused({ tokens: 7, flag: true }, /output `y` needs `pair` \[1, 2\] too; say in `inputs`/);
  await refused({ ...feeds, pair: [1, 2, 3] }, /`pair` has the shape \[1, 2\].*got 3/);
  await refused({ ...feeds, tokens: 'many' }, /expected a number.*`intrinsics`/s);
  await refused({ ...feeds, depth: 1 }, /there is no input `depth`; the others are `tokens`/);
});

test.serial(
  'depth, its confidence, mask, sky and scale come from channels and outputs of any form',
  async (t) => {
    const { output, importModel } = await setUp(t);
    const bytes = network({
      nodes: [
        PLANES,
        node('Concat', ['red', 'green'], ['pair'], { axis: int(1) }),
        node('Transpose', ['x'], ['points'], { perm: ints(0, 2, 3, 1) }),
        node('Greater', ['red', 'half'], ['sky']),
        node('Squeeze', ['green', 'first'], ['mask']),
        node('Mul', ['half', 'six'], ['metric_scale']),
        node('Add', ['red', 'one'], ['conf']),
      ],
      outputs: [
        ...[value('pair', [1, 2, H, W]), value('points', [1, H, W, 3]), value('sky', [1, 1, H, W], 'bool')],
        ...[value('mask', [1, H, W]), value('metric_scale', [1]), value('conf', [1, 1, H, W])],
      ],
      initializers: [
        floats('half', [1], 0.5),
        floats('six', [1], 6),
        longs('first', 1),
        floats('one', [], 1),
      ],
    });
    const at = (x: number, y: number) => y * W + x;
    await importModel(bytes, {
      depth: { ...meters, output: 'pair', channel: 0, confidence: { channel: 1 } },
    });
    const two = await perceived(t, output, shades);
    near(t, two.depth[at(10, 5)], 40 / 255);
    near(t, two.confidence?.[at(10, 5)], 40 / 255); // 8 times 5
    await importModel(bytes, {
      depth: {
        ...{ ...meters, output: 'points', channel: 2, scale: 'metric_scale', sky: 'sky' },
        ...{
          mask: { output: 'mask', threshold: 0.4 },
          confidence: { output: 'conf', values: 'one-plus-exp' },
        },
      },
    });
    const seen = await perceived(t, output, shades);
    near(t, seen.depth[at(10, 20)], (3 * 102) / 255); // blue, three times
    t.is(seen.depth[at(40, 20)], Number.POSITIVE_INFINITY, 'red above a half');
    t.true(Number.isNaN(seen.depth[at(10, 5)]), 'green below 0.4');
    near(t, seen.confidence?.[at(10, 20)], 1 - 1 / (1 + 40 / 255));
    t.deepEqual((await loadModel(output)).manifest.confidence, {});
    const mask = { output: 'mask', threshold: 0.4, outside: 'far' };
    await importModel(bytes, {
      depth: { ...meters, output: 'points', channel: 2, mask, input: { fit: 'crop' } },
    });
    // The network sees the middle half of a picture twice as wide.
    const wide = picture(2 * W, H, (_, y) => [0, 8 * y, 102]);
    const cut = await perceived(t, output, wide);
    t.deepEqual(
      [2 * W * 5, 2 * W * 20].map((start) => cut.depth[start + 10]),
      [Number.NaN, Number.NaN],
    );
    t.is(cut.depth[2 * W * 5 + W], Number.POSITIVE_INFINITY);
    near(t, cut.depth[2 * W * 20 + W], 102 / 255);
    const refused = (more: object, message: RegExp) =>
      t.throwsAsync(importModel(bytes, { depth: { ...meters, ...more } }), {
        instanceOf: TrainingError,
        message,
      });
    await refused({ output: 'pair' }, /`pair` has the shape \[1, 2, 32, 64\].*`channel: 0` to 1/);
    await refused({ output: 'points', channel: 3 }, /expected a `channel` of 0 to 2, got 3/);
  },
);

test.serial('five axes, one channel, signed bytes and unknown shapes are what they are', async (t) => {
  const { output, importModel } = await setUp(t);
  const mean = (axis: number, name = 'd') => [
    node('ReduceMean', ['x'], [name], { axes: ints(axis), keepdims: int(0) }),
  ];
  await importModel(
    network({ nodes: mean(2), inputs: [value('x', [1, 'n', 3, H, W])], outputs: [value('d', [1, 1, H, W])] }),
    { depth: meters },
  );
  near(t, (await perceived(t, output, shades)).depth[0], 102 / 3 / 255, 'five axes');
  await importModel(
    network({
      nodes: [node('Identity', ['x'], ['d'])],
      inputs: [value('x', [1, 1, H, W])],
      outputs: [value('d', [1, 1, H, W])],
    }),
    { depth: meters },
  );
  near(t, (await perceived(t, output, shades)).depth[0], (0.114 * 102) / 255, 'grey');
  await importModel(
    network({
      nodes: [
        node('Cast', ['x'], ['f'], { to: int(1) }),
        node('ReduceMax', ['f'], ['d'], { axes: ints(1), keepdims: int(1) }),
      ],
      inputs: [value('x', [1, 3, H, W], 'int8')],
      outputs: [value('d', [1, 1, H, W])],
    }),
    { depth: { ...meters, values: { meaning: 'affine-depth', scale: 1, shift: 129 } } },
  );
  near(t, (await perceived(t, output, shades)).depth[0], 102 - 128 + 129, 'signed bytes');
  await importModel(network({ nodes: mean(1), outputs: [{ name: 'd' }] }), { depth: meters });
  near(t, (await perceived(t, output, shades)).depth[0], 102 / 3 / 255, 'unknown shape');
});

test.serial('distances along the ray and logarithms become depth', async (t) => {
  const { output, importModel } = await setUp(t);
  const flat = picture(W, H, () => [255, 255, 255]);
  await importModel(greyNetwork(), {
    depth: { ...meters, values: { meaning: 'distance', metersPerUnit: 10 } },
  });
  const { depth: along } = await perceived(t, output, flat);
  near(t, along[0], 10 / Math.hypot(20 / 50, 10 / 50, 1)); // cx 20, cy 10, f 50
  near(t, along[10 * W + 20], 10);
  await importModel(greyNetwork(), { depth: { ...meters, values: { meaning: 'log-depth' } } });
  near(t, (await perceived(t, output, flat)).depth[0], Math.E);
});

test.serial('classes by number, by threshold, of several heads and of queries', async (t) => {
  const { output, importModel } = await setUp(t);
  const labelled = async (bytes: Uint8Array, segmentation: object) => {
    await importModel(bytes, { segmentation: { onnx: 'net.onnx', ...segmentation } });
    return (x: number) => perceived(t, output, shades).then(({ labels }) => labels[5 * W + x]);
  };
  // 33 times red, 0 to 32: Cityscapes' ids.
  const ids = network({
    nodes: [PLANES, node('Mul', ['red', 'k'], ['f']), node('Cast', ['f'], ['ids'], { to: int(7) })],
    outputs: [value('ids', [1, 1, H, W], 'int64')],
    initializers: [floats('k', [], 33)],
  });
  const byId = await labelled(ids, { values: 'classes', classes: 'cityscapes-ids' });
  t.is(await byId(14), 0); // 7.2: road
  t.is(await byId(18), 255); // 9.3: parking, which is not evaluated
  t.is(await byId(51), 13); // 26.4: car
  const some = await labelled(ids, {
    ...{ values: 'classes', ignore: Array.from({ length: 31 }, (_, i) => i + 2) },
    classes: [{ name: 'low', labels: [0, 1] }],
  });
  t.is(await some(3), 0);
  t.is(await some(30), 255);
  const score = network({
    nodes: [
      PLANES,
      node('Log', ['red'], ['a']),
      node('Sub', ['one', 'red'], ['b']),
      node('Log', ['b'], ['c']),
      node('Sub', ['a', 'c'], ['logit']),
    ],
    outputs: [value('red', [1, 1, H, W]), value('logit', [1, 1, H, W])],
    initializers: [floats('one', [], 1.001)],
  });
  for (const head of [
    { output: 'red', values: 'probability' },
    { output: 'logit', values: 'sigmoid' },
  ]) {
    const label = await labelled(score, {
      ...head,
      threshold: 0.6,
      background: 'ground',
      classes: ['ground', 'lane'],
    });
    t.deepEqual([await label(36), await label(41)], [0, 1], head.values); // 144 and 164 of 255
  }
  // Lanes over drivable: red against green, blue (0.4) against red.
  const heads = network({
    nodes: [
      PLANES,
      node('Concat', ['green', 'red'], ['da'], { axis: int(1) }),
      node('Concat', ['blue', 'red'], ['ll'], { axis: int(1) }),
    ],
    outputs: [value('da', [1, 2, H, W]), value('ll', [1, 2, H, W])],
  });
  const both = await labelled(heads, {
    classes: ['background', 'drivable', 'lane'],
    heads: [
      { output: 'da', labels: ['background', 'drivable'] },
      { output: 'll', labels: [null, 'lane'] },
    ],
  });
  const { manifest } = await loadModel(output);
  t.deepEqual(manifest.classes[0], { name: 'background', color: [0, 0, 0], dynamic: false });
  t.deepEqual([await both(5), await both(20), await both(40)], [0, 1, 2]); // red 20, 80, 160; green 40, blue 102
  // Two queries: the first is class 1 where it is red, the second class 0 where it is blue.
  const queries = network({
    nodes: [
      node('Concat', ['red', 'blue'], ['both'], { axis: int(1) }),
      PLANES,
      node('Mul', ['both', 'ten'], ['masks']),
      node('Identity', ['named'], ['classes']),
    ].sort((a) => (a.opType === 'Split' ? -1 : 0)),
    outputs: [value('classes', [1, 2, 3]), value('masks', [1, 2, H, W])],
    initializers: [floats('ten', [], 10), floats('named', [1, 2, 3], ...[0, 9, 0], ...[9, 0, 0])],
  });
  const asked = await labelled(queries, {
    ...{ values: 'queries', output: 'classes', masks: 'masks' },
    classes: ['a', 'b'],
  });
  t.deepEqual([await asked(5), await asked(60)], [0, 1]);
});

test.serial('void classes are no class, and what is silently wrong elsewhere is refused', async (t) => {
  const { output, importModel } = await setUp(t);
  const classes = ['low', 'high'];
  const three = network({
    nodes: [PLANES, node('Concat', ['green', 'red', 'blue'], ['s'], { axis: int(1) })],
    outputs: [value('s', [1, 3, H, W])],
  });
  await importModel(three, { segmentation: { onnx: 'net.onnx', classes, ignore: [2] } });
  const { labels } = await perceived(t, output, shades);
  t.deepEqual(
    [5 * W + 5, 5 * W + 40, 20 * W + 3].map((at) => labels[at]),
    [255, 1, 0],
  );
  const refused = (bytes: Uint8Array, segmentation: object, message: RegExp) =>
    t.throwsAsync(importModel(bytes, { segmentation: { onnx: 'net.onnx', ...segmentation } }), {
      instanceOf: TrainingError,
      message,
    });
  const mask = network({ nodes: [PLANES], outputs: [value('red', [1, 1, H, W])] });
  await refused(
    mask,
    { classes: ['lane'] },
    /`logits` of one channel there is nothing to choose.*`values: probability`/,
  );
  await refused(mask, { classes }, /`logits` of one channel/);
  await refused(mask, { classes, values: 'classes' }, /gives numbers such as 0\.\d+, which are no classes/);
  const ids = network({
    nodes: [PLANES, node('Mul', ['red', 'k'], ['f']), node('Round', ['f'], ['ids'])],
    outputs: [value('ids', [1, 1, H, W])],
    initializers: [floats('k', [], 3)],
  });
  await refused(
    ids,
    { classes, values: 'classes' },
    /gives 2, 3, which the description does not know; it has 0 to 1/,
  );
  await refused(
    ids,
    { classes, ignore: [2], values: 'classes', background: 'low' },
    /`background` goes with/,
  );
  await refused(
    mask,
    { classes, values: 'sigmoid', background: 'middle' },
    /no class `middle`; `classes` has `low`, `high`/,
  );
  await refused(
    three,
    {
      classes: [
        { name: 'a', labels: 0 },
        { name: 'b', labels: 2 },
      ],
    },
    /channel 1 is no class/,
  );
});

test.serial('depth of one model and classes of another are those of the models', async (t) => {
  const { folder, output, importModel } = await setUp(t);
  const own = path.join(folder, 'own');
  await writeTestModel(own);
  const bytes = network({
    nodes: [PLANES, node('Concat', ['green', 'red'], ['s'], { axis: int(1) })],
    outputs: [value('s', [1, 2, H, W])],
  });
  const alone = await ModelRunner.open(own, 1);
  const expected = await alone.run(shades, camera(50));
  await alone.close();
  const segmentation = { onnx: 'net.onnx', classes: ['low', 'high'] };
  const { report, runner } = await importModel(bytes, { depth: { model: 'own' }, segmentation });
  t.regex(report, /metric depth, 2 classes\n.*own: test 3/s);
  const seen = await runner.run(shades, camera(50));
  t.deepEqual(seen.depth, expected.depth);
  t.deepEqual(
    [5 * W + 5, 5 * W + 40].map((at) => seen.labels?.[at]),
    [0, 1],
  );
  t.is(runner.manifest.input.canonicalFocalPixels, 50);
  const other = await importModel(greyNetwork(), { depth, segmentation: { model: 'own' } });
  const turned = await other.runner.run(shades, camera(50));
  t.deepEqual(turned.labels, expected.labels);
  near(t, turned.depth[0], 255 / 34);
  t.is(other.runner.manifest.classes.length, 19);
  t.is((await perceived(t, output, shades)).confidence, undefined);
  await t.throwsAsync(importModel(bytes, { depth: { model: own, metric: true } }), {
    message: /Unrecognized key: "metric"/,
  });
  await importModel(bytes, { segmentation });
  const without = { depth: { model: output } };
  await writeFile(
    path.join(folder, 'again.yaml'),
    JSON.stringify({ name: 'again', license: 'x', ...without }),
  );
  const { run } = { run: (await setUp(t)).run };
  await t.throwsAsync(run(path.join(folder, 'again.yaml'), '-o', path.join(folder, 'again')), {
    message: /gives no depth/,
  });
});

test.serial(
  'an ONNX file alone is described; what is printed can be imported once it is completed',
  async (t) => {
    const { folder, output, run } = await setUp(t);
    const file = path.join(folder, 'Uni Depth.onnx');
    const k = value('K', ['b', 3, 3]);
    await writeFile(
      file,
      network({
        nodes: [
          PLANES,
          node('ReduceMean', ['K'], ['m'], { keepdims: int(0) }),
          node('Mul', ['red', 'm'], ['depth']),
          node('Identity', ['green'], ['confidence']),
        ],
        inputs: [IMAGE, k],
        outputs: [value('depth', [1, 1, H, W]), value('confidence', [1, 1, H, W])],
      }),
    );
    const text = await run(file);
    t.regex(text, /^# {3}`K` float32 \[b, 3, 3\]$/m);
    const described = parse(text) as { name: string; depth: Record<string, unknown> };
    t.is(described.name, 'uni-depth');
    t.deepEqual(described.depth.inputs, { K: 'intrinsics' });
    t.is(described.depth.confidence, 'confidence');
    await writeFile(path.join(folder, 'net.yaml'), text);
    t.regex(await run(path.join(folder, 'net.yaml'), '-o', output), /^relative depth, no segmentation/);
    await t.throwsAsync(run(path.join(folder, 'net.yaml')), { message: /expected `-o FOLDER`/ });
  },
);
