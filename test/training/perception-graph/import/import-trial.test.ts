import { existsSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { TrainingError } from '../../../../training/errors.js';
import type { Initializer, Node, ValueInfo } from '../../../../training/onnx/model-proto.js';
import { int, ints, modelBytes, node } from './carry-over.js';
import { camera, grey, greyNetwork, H, near, setUp, W } from './import-set-up.js';
import { floats, IMAGE, longs, meters, network, PLANES, shades, value } from './signature-network.js';

const segmentation = { onnx: 'net.onnx', classes: ['a', 'b', 'c'] };
const MAP = [value('y', [1, 1, H, W])];

/** The mean of the image, times a and plus b. */
const line = (
  a: number,
  b: number,
  more: Partial<{ nodes: Node[]; outputs: ValueInfo[]; constants: Initializer[] }> = {},
) =>
  network({
    nodes: [
      node('ReduceMean', ['x'], ['m'], { axes: ints(1), keepdims: int(1) }),
      node('Mul', ['m', 'a'], ['p']),
      node('Add', ['p', 'b'], ['y']),
      ...(more.nodes ?? []),
    ],
    outputs: more.outputs ?? MAP,
    initializers: [floats('a', [], a), floats('b', [], b), ...(more.constants ?? [])],
  });

/** Three scores, with extents that the file leaves open. */
const openScores = network({
  nodes: [PLANES, node('Concat', ['green', 'red', 'blue'], ['s'], { axis: int(1) })],
  outputs: [value('s', ['n', 'c', 'h', 'w'])],
});

async function refusing(t: ExecutionContext) {
  const { output, importModel } = await setUp(t);
  return {
    importModel,
    refused: async (bytes: Uint8Array, description: object, message: RegExp) => {
      const before = existsSync(output);
      await t.throwsAsync(importModel(bytes, description), { instanceOf: TrainingError, message });
      t.is(existsSync(output), before, String(message));
    },
  };
}

test.serial('depth that is nowhere one is refused, with what its numbers are and become', async (t) => {
  const { refused, importModel } = await refusing(t);
  const all: [Uint8Array, object, RegExp][] = [
    [
      line(Number.NaN, 0),
      meters,
      /net\.onnx: output `y` gives no usable depth.*numbers are NaN; check `input`/,
    ],
    [line(0, Number.POSITIVE_INFINITY), meters, /numbers are infinite/],
    [
      line(-3, -1),
      meters,
      /numbers are -3\.\d+ to -1\.\d+, all at most 0\.001 m by `values: \{ meaning: depth \}`/,
    ],
    [line(1e30, 1e30), meters, /all infinitely far by `values: \{ meaning: depth \}`/],
    [line(1e-30, 1e-30), meters, /all at most 0\.001 m/],
    [line(0, 0), { ...meters, values: { meaning: 'inverse-depth' } }, /numbers are 0, all infinitely far/],
    [line(10, 1), { ...meters, farMeters: 0.5 }, /all infinitely far by .*`farMeters: 0\.5`/],
  ];
  for (const [bytes, depth, message] of all) await refused(bytes, { depth }, message);
  const scaled = (factor: number) =>
    line(10, 1, {
      nodes: [node('Identity', ['f'], ['s'])],
      outputs: [...MAP, value('s', [1])],
      constants: [floats('f', [1], factor)],
    });
  const depth = { ...meters, output: 'y', scale: 's' };
  await refused(scaled(-2), { depth }, /output `s` is -2 for a trial picture; expected a `scale` above 0/);
  await refused(scaled(0), { depth }, /output `s` is 0/);
  await refused(
    scaled(1),
    { depth: { ...depth, scale: 'y' } },
    /output `y` has the shape .*expected one number/,
  );
  const { runner } = await importModel(scaled(1e-5), {
    depth: { ...depth, values: { meaning: 'depth', metersPerUnit: 1e5 } },
  });
  near(t, (await runner.run(shades, camera(50))).depth[0], 1 + (10 * 102) / 3 / 255);
});

test.serial('a mask or a sky that leaves no depth is refused where it is the same everywhere', async (t) => {
  const { refused, importModel } = await refusing(t);
  const masked = (a: number) =>
    line(10, 1, {
      nodes: [node('Mul', ['m', 'k'], ['mask'])],
      outputs: [...MAP, value('mask', [1, 1, H, W])],
      constants: [floats('k', [], a)],
    });
  const depth = { ...meters, output: 'y', mask: 'mask' };
  await refused(
    masked(0),
    { depth },
    /output `mask` leaves no depth .* numbers are 0, the `threshold` of `mask` is 0\.5/,
  );
  const { report } = await importModel(masked(0.4), { depth });
  t.regex(report, /^warning: .*output `mask` leaves no depth .* numbers are 0\.0\d+ to 0\.3\d+/m);
  t.regex(report, /depth nowhere finite m/);
  t.notRegex((await importModel(masked(1), { depth })).report, /warning/);
});

test.serial('numbers that cannot be what the description says are refused, or warned of', async (t) => {
  const { refused, importModel } = await refusing(t);
  const confident = line(10, 1, {
    nodes: [node('Mul', ['m', 'k'], ['c'])],
    outputs: [...MAP, value('c', [1, 1, H, W])],
    constants: [floats('k', [], 100)],
  });
  const depth = { ...meters, output: 'y', confidence: 'c' };
  t.regex(
    (await importModel(confident, { depth })).report,
    /^warning: .*output `c` gives numbers of 0\.\d+ to 99\.?\d* as confidence; `values: probability` expects 0 to 1/m,
  );
  await refused(
    openScores,
    { segmentation: { ...segmentation, classes: ['a', 'b'] } },
    /net\.onnx: output `s` has the shape \[1, 3, 32, 64\]; expected `\[1, 2, h, w\]`/,
  );
  await refused(
    openScores,
    { segmentation: { ...segmentation, classes: ['a', 'b', 'c', 'd'] } },
    /expected `\[1, 4, h, w\]`/,
  );
  const scores = (factor: number) =>
    network({
      nodes: [node('Mul', ['x', 'k'], ['s'])],
      outputs: [value('s', [1, 3, H, W])],
      initializers: [floats('k', [], factor)],
    });
  await refused(scores(Number.NaN), { segmentation }, /output `s` gives NaN for every pixel/);
  const shares = { ...segmentation, values: 'probability' };
  t.regex(
    (await importModel(scores(-9), { segmentation: shares })).report,
    /^warning: .*output `s` gives numbers of -8\.\d+ to -0\.\d+, which are no probabilities/m,
  );
  t.regex(
    (await importModel(scores(1), { segmentation: { ...segmentation, values: 'sigmoid' } })).report,
    /^warning: .*say `values: probability`/m,
  );
  const disparity = { ...meters, values: { meaning: 'disparity', minMeters: 1, maxMeters: 80 } };
  t.regex(
    (await importModel(line(50, 0), { depth: disparity })).report,
    /^warning: .*numbers of \d+\.\d+ to \d+\.\d+; `meaning: disparity` expects 0 to 1/m,
  );
  t.notRegex((await importModel(line(1, 0), { depth: disparity })).report, /warning/);
});

test.serial('what is no map of the image is refused, whatever the file claims', async (t) => {
  const { refused } = await refusing(t);
  const turned = {
    nodes: [node('Transpose', ['y'], ['z'], { perm: ints(0, 1, 3, 2) })],
    outputs: [value('z', [1, 1, W, H])],
  };
  await refused(
    line(10, 1, turned),
    { depth: meters },
    /output `z` has 32 x 64 numbers for an image of 64 x 32; expected its aspect ratio/,
  );
  const one = network({
    nodes: [node('ReduceMean', ['x'], ['y'], { axes: ints(1, 2, 3), keepdims: int(1) })],
    outputs: [value('y', [1, 1, 1, 1])],
  });
  await refused(one, { depth: meters }, /output `y` has 1 x 1 numbers for an image of 64 x 32/);
  const twice = {
    nodes: [node('Concat', ['y', 'y'], ['z'], { axis: int(0) })],
    outputs: [value('z', ['n', 1, 'h', 'w'])],
  };
  await refused(
    line(10, 1, twice),
    { depth: meters },
    /net\.onnx: output `z` has the shape \[2, 1, 32, 64\]; expected one number a pixel/,
  );
  const weird = network({ nodes: [node('Weird', ['x'], ['y'], {}, 'com.acme')], outputs: MAP });
  await refused(weird, { depth: meters }, /net\.onnx does not|net\.onnx.*com\.acme/);
});

test.serial('class names that do not tell classes apart are refused', async (t) => {
  const { refused } = await refusing(t);
  const named = (classes: unknown[], message: RegExp) =>
    refused(openScores, { segmentation: { ...segmentation, classes } }, message);
  await named(['a', 'b', 'a'], /`classes` names `a` twice, as 0 and 2; .*labels: \[0, 2\]/);
  await named(['Road', { name: 'road' }, 'c'], /names `road` twice/);
  await named(['a', ' ', 'c'], /`classes\[1\]` is ` `; expected a name/);
  await named(['a', 'b\n', 'c'], /`classes\[1\]` is `b\\x0a`/);
  const heads = [{ output: 's', labels: [null, null, null] }];
  await refused(
    openScores,
    { segmentation: { ...segmentation, heads } },
    /every label of the head `s` is null/,
  );
});

test.serial('sizes that no memory holds are refused', async (t) => {
  const { refused } = await refusing(t);
  await refused(
    greyNetwork(),
    { depth: { ...meters, input: { size: { height: 140_000, width: 140_000 } } } },
    /expected at most 67108864 pixels/,
  );
});

test.serial('whole numbers get whole numbers', async (t) => {
  const { refused, run, folder } = { ...(await refusing(t)), ...(await setUp(t)) };
  const image = value('x', [1, 3, H, W], 'uint8');
  const bytes = network({
    nodes: [
      node('Cast', ['x'], ['f'], { to: int(1) }),
      node('ReduceMean', ['f'], ['y'], { axes: ints(1), keepdims: int(1) }),
    ],
    inputs: [image],
    outputs: MAP,
  });
  const input = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  await refused(
    bytes,
    { depth: { ...meters, input } },
    /input `x` has type uint8, whole numbers; .* into 3 of them: leave both out/,
  );
  const { writeFile } = await import('node:fs/promises');
  await writeFile(`${folder}/net.onnx`, bytes);
  t.notRegex(await run(`${folder}/net.onnx`), /mean:/);
  const tokens = network({
    nodes: [node('Cast', ['n'], ['f'], { to: int(1) }), ...grey, node('Mul', ['y', 'f'], ['z'])],
    inputs: [IMAGE, value('n', [1], 'int64')],
    outputs: [value('z', [1, 1, H, W])],
  });
  await refused(
    tokens,
    { depth: { ...meters, inputs: { n: 1.5 } } },
    /input `n` has type int64; expected whole numbers of .*, got 1\.5/,
  );
});

test.serial('constants of unknown types are refused only where an output needs them', async (t) => {
  const { importModel } = await refusing(t);
  const both = modelBytes(
    13,
    [...grey, node('Cast', ['odd'], ['f'], { to: int(1) }), node('Mul', ['y', 'f'], ['z'])],
    {
      shape: [1, 3, H, W],
      initializers: [
        { name: 'odd', dtype: 'float16', shape: [1], source: Uint16Array.of(0x3c00) },
        longs('even', 1),
      ],
      outputs: [value('y', [1, 1, H, W]), value('z', [1, 1, H, W])],
    },
  );
  // Its type becomes bfloat16, 16: field 2 of the tensor stands before the name.
  const at = Buffer.from(both).lastIndexOf(Buffer.from([0x10, 10]), Buffer.from(both).lastIndexOf('odd'));
  both[at + 1] = 16;
  const { runner } = await importModel(both, { depth: { ...meters, output: 'y' } });
  near(t, (await runner.run(shades, camera(50))).depth[0], 102 / 3 / 255);
  const other = await setUp(t);
  await t.throwsAsync(other.importModel(both, { depth: { ...meters, output: 'z' } }), {
    message: /net\.onnx cannot be imported: node `n_f` \(Cast\): tensor `odd` has element type bfloat16/,
  });
});
