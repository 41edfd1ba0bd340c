import test from 'ava';
import { loadModel } from '../../../../models/model-store.js';
import { TrainingError } from '../../../../training/errors.js';
import { int, ints, node } from './carry-over.js';
import { H, near, picture, setUp, W } from './import-set-up.js';
import {
  floats,
  IMAGE,
  longs,
  meters,
  network,
  PLANES,
  perceived,
  shades,
  value,
} from './signature-network.js';

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
