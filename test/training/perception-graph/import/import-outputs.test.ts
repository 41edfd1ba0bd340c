import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { ModelRunner } from '../../../../models/model-runner.js';
import { loadModel } from '../../../../models/model-store.js';
import { TrainingError } from '../../../../training/errors.js';
import { writeTestModel } from '../../../nodes/test-model.js';
import { int, node } from './carry-over.js';
import { camera, depth, greyNetwork, H, near, picture, setUp, W } from './import-set-up.js';
import { floats, IMAGE, meters, network, PLANES, perceived, shades, value } from './signature-network.js';

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
