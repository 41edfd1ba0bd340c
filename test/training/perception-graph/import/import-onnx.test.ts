import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { contractProblems } from '../../../../models/graph-contract.js';
import { graphFeeds } from '../../../../models/graph-feeds.js';
import { loadModel } from '../../../../models/model-store.js';
import { openSession } from '../../../../models/open-session.js';
import { comparableClasses } from '../../../../training/datasets/classes/comparable-classes.js';
import { TrainingError } from '../../../../training/errors.js';
import type { Initializer, Node } from '../../../../training/onnx/model-proto.js';
import { decodeSafetensors } from '../../../../training/weights/safetensors.js';
import { int, ints, modelBytes, node } from './carry-over.js';
import { camera, depth, grey, greyNetwork, H, near, picture, setUp, W } from './import-set-up.js';

test.serial('an imported network sees the normalised picture, and its output becomes depth', async (t) => {
  const { output, importModel } = await setUp(t);
  const input = { mean: [0.1, 0.2, 0.3], std: [0.5, 1, 2] };
  const { report, runner } = await importModel(greyNetwork(), { depth: { ...depth, input } });
  t.regex(
    report,
    /^metric depth, no segmentation\nnet\.onnx: rxdepth, operator set 13, 1 nodes\ntried on a smooth 611x203 picture: depth /,
  );
  const seen = await runner.run(
    picture(W, H, (x, y) => [60 + x, 100 + y, 200]),
    camera(50),
  );
  for (const [x, y] of [
    [0, 0],
    [63, 0],
    [17, 31],
  ] as const) {
    const inverse = (((60 + x) / 255 - 0.1) / 0.5 + ((100 + y) / 255 - 0.2) + (200 / 255 - 0.3) / 2) / 3;
    near(t, seen.depth[y * W + x], 1 / inverse, `${x} ${y}`);
  }
  t.is(seen.labels, undefined);
  const { manifest } = await loadModel(output);
  t.deepEqual(manifest.depth, { kind: 'inverse-depth', metric: true, farMeters: 1e6 });
  t.deepEqual(manifest.classes, []);
  t.is(manifest.input.canonicalFocalPixels, undefined);
  t.is(manifest.input.pixels, H * W);
  t.regex(manifest.provenance.data, /^net\.onnx \(sha256 [0-9a-f]{64}\)$/);
  t.is(manifest.provenance.command, 'rxdepth model import net.yaml');
});

test.serial('every meaning of the numbers gives its depth', async (t) => {
  const { importModel } = await setUp(t);
  const flat = picture(W, H, () => [51, 51, 51]); // the network gives 0.2
  const cases = [
    [{ meaning: 'disparity', minMeters: 0.5, maxMeters: 10 }, false, 1 / ((2 - 0.1) * 0.2 + 0.1)],
    [{ meaning: 'inverse-depth', metersPerUnit: 4 }, true, 20],
    [{ meaning: 'depth', metersPerUnit: 80 }, true, 16],
    [{ meaning: 'affine-inverse-depth', scale: 0.5, shift: 0.15 }, true, 4],
    [{ meaning: 'affine-inverse-depth' }, false, 5],
    [{ meaning: 'affine-depth', scale: 10, shift: 1 }, true, 3],
  ] as const;
  for (const [values, metric, expected] of cases) {
    const { runner } = await importModel(greyNetwork(), { depth: { ...depth, values, metric } });
    near(t, (await runner.run(flat, camera(50))).depth[100], expected, values.meaning);
    t.is(runner.manifest.depth.metric, metric);
  }
  const { runner } = await importModel(greyNetwork(), {
    depth: { ...depth, farMeters: 4, canonicalFocalPixels: 100 },
  });
  t.is((await runner.run(flat, camera(50))).depth[0], Number.POSITIVE_INFINITY); // 5 m
  const nearer = picture(W, H, () => [102, 102, 102]);
  near(t, (await runner.run(nearer, camera(50))).depth[0], 2.5 / 2, 'half the canonical focal length');
});

test.serial('letterbox, stretch and crop show the camera what the network saw', async (t) => {
  const { importModel } = await setUp(t);
  // Twice as wide as the network's shape: bands of 32 columns, 51 grey levels apart.
  const wide = picture(256, 64, (x) => {
    const level = 51 * (1 + (Math.floor(x / 32) % 4));
    return [level, level, level];
  });
  const at = (map: Float32Array, x: number) => map[32 * 256 + x];
  const level = (x: number) => 5 / (1 + (Math.floor(x / 32) % 4));
  for (const fit of ['letterbox', 'stretch', 'crop'] as const) {
    const { runner } = await importModel(greyNetwork(), { depth: { ...depth, input: { fit } } });
    const { depth: depthMeters } = await runner.run(wide, camera(100));
    t.is(depthMeters.length, 256 * 64);
    for (const x of [80, 112, 144, 176]) near(t, at(depthMeters, x), level(x), `${fit} ${x}`);
    for (const x of [16, 240]) {
      if (fit === 'crop') t.true(Number.isNaN(at(depthMeters, x)), `${x} was not seen`);
      else near(t, at(depthMeters, x), level(x), `${fit} ${x}`);
    }
  }
  // The focal length in network pixels: a quarter of the camera's in a letterbox, half of it in the middle part.
  const flat = picture(256, 64, () => [51, 51, 51]);
  for (const [fit, ratio] of [
    ['letterbox', 0.25],
    ['stretch', 0.25],
    ['crop', 0.5],
  ] as const) {
    const { runner } = await importModel(greyNetwork(), {
      depth: { ...depth, canonicalFocalPixels: 100, input: { fit } },
    });
    near(t, at((await runner.run(flat, camera(100))).depth, 128), 5 * ratio, fit);
  }
});

test.serial(
  'a network for any size follows the camera; NHWC, BGR, half precision and bytes are fed as they want',
  async (t) => {
    const { importModel } = await setUp(t);
    const free = await importModel(greyNetwork([1, 3, 'h', 'w']), {
      depth: { ...depth, input: { size: { pixels: 2048, multiple: 32 } } },
    });
    const flat = picture(W, H, () => [255, 127.5, 0]);
    near(t, (await free.runner.run(flat, camera(50))).depth[5], 1 / ((255 + 127) / 3 / 255));
    const blueFirst: Node[] = [
      node('Slice', ['x'], ['b'], { starts: ints(0), ends: ints(1), axes: ints(3) }),
      node('Cast', ['b'], ['f'], { to: int(1) }),
      node('Mul', ['f', 'unit'], ['y']),
    ];
    for (const [dtype, unit] of [
      ['float16', 1],
      ['uint8', 1 / 255],
      ['float32', 1],
    ] as const) {
      const constant: Initializer = {
        name: 'unit',
        dtype: 'float32',
        shape: [],
        source: Float32Array.of(unit),
      };
      const bytes = modelBytes(9, blueFirst, {
        ...{ dtype, shape: [1, H, W, 3], initializers: [constant] },
        outputs: [{ name: 'y', type: { dtype: 'float32', shape: [1, H, W, 1] } }],
      });
      const std = dtype === 'uint8' ? [1 / 255, 1 / 255, 1 / 255] : [1, 1, 1];
      const { runner } = await importModel(bytes, {
        depth: { ...depth, input: { layout: 'NHWC', channels: 'BGR', std } },
      });
      const blue = picture(W, H, () => [10, 20, 51]);
      const [first = 0] = (await runner.run(blue, camera(50))).depth;
      t.true(Math.abs(first - 5) < (dtype === 'float16' ? 5e-3 : 1e-5), `${dtype}: ${first}`);
    }
  },
);

/** Depth 1 / red and scores of three classes from a half-size output, of one network. */
function twoHeads(): Uint8Array {
  const weights = Float32Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? 1 : 0));
  const big: Initializer = {
    name: 'big',
    dtype: 'float32',
    shape: [1, 1, H, W],
    source: new Float32Array(H * W),
  };
  return modelBytes(
    11,
    [
      node('Slice', ['x', 'zero', 'one', 'axis'], ['red']),
      node('Add', ['red', 'big'], ['inverse']),
      node('AveragePool', ['x'], ['half'], { kernel_shape: ints(2, 2), strides: ints(2, 2) }),
      node('Conv', ['half', 'w'], ['scores']),
    ],
    {
      shape: [1, 3, H, W],
      initializers: [
        big,
        { name: 'w', dtype: 'float32', shape: [3, 3, 1, 1], source: weights },
        ...['zero', 'one', 'axis'].map(
          (name, i): Initializer => ({
            name,
            dtype: 'int64',
            shape: [1],
            source: BigInt64Array.of([0n, 1n, 1n][i] ?? 0n),
          }),
        ),
      ],
      outputs: [
        { name: 'inverse', type: { dtype: 'float32', shape: [1, 1, H, W] } },
        { name: 'scores', type: { dtype: 'float32', shape: [1, 3, H / 2, W / 2] } },
      ],
    },
  );
}

test.serial(
  'depth and segmentation of one network: labels by the class table, weights in their file',
  async (t) => {
    const { output, importModel } = await setUp(t);
    const classes = ['road', { name: 'tram', color: [1, 2, 3], dynamic: true }, 'Car'];
    const { report, runner } = await importModel(twoHeads(), {
      depth: { ...depth, output: 'inverse' },
      segmentation: { onnx: 'net.onnx', output: 'scores', classes },
    });
    t.regex(report, /^metric depth, 3 classes\n/);
    // Thirds of red, green and blue: road, tram, car.
    const thirds = picture(96, 48, (x) => [
      x < 32 ? 200 : 51,
      x >= 32 && x < 64 ? 200 : 51,
      x >= 64 ? 200 : 51,
    ]);
    const { depth: depthMeters, labels } = await runner.run(thirds, camera(50));
    near(t, depthMeters[50], 5);
    const seen = [8, 48, 88].map((x) => labels?.[24 * 96 + x] ?? Number.NaN);
    t.deepEqual(seen, [0, 1, 2]);
    const trainIds = comparableClasses(runner.manifest.classes.map(({ name }) => name))?.trainIds;
    t.deepEqual(
      seen.map((label) => trainIds?.[label]),
      [0, 255, 13],
    ); // a tram is none of Cityscapes' classes
    t.deepEqual(runner.manifest.classes, [
      { name: 'road', color: [128, 64, 128], dynamic: false },
      { name: 'tram', color: [1, 2, 3], dynamic: true },
      { name: 'Car', color: [0, 0, 142], dynamic: true },
    ]);
    const { tensors } = decodeSafetensors(
      await readFile(path.join(output, 'weights.safetensors')),
      'weights',
    );
    t.deepEqual([...tensors.keys()], ['depth/big']);
    t.deepEqual(tensors.get('depth/big')?.shape, [1, 1, H, W]);
  },
);

test.serial(
  'an imported network gives all of the image, by which frames are compared, whatever it sees itself',
  async (t) => {
    const { output, importModel } = await setUp(t);
    // Bands of 32 columns; a crop to the network's shape sees the middle half alone.
    const { width, height, rgb } = picture(256, 64, (x) => [Math.floor(x / 32) * 30, 100, 200]);
    const pixels = {
      data: rgb,
      height,
      width,
      step: 3 * width,
      bytesPerPixel: 3,
      channelOrder: [0, 1, 2],
    } as const;
    // A letterbox is 64 x 16 of the network's 64 x 32; else 2048 pixels, four times as wide as high, are 91 x 23.
    for (const [fit, mean, size] of [
      ['letterbox', [0, 0, 0], [16, 64, 3]],
      ['letterbox', [0.5, 0.4, 0.3], [16, 64, 3]],
      ['stretch', [0, 0, 0], [23, 91, 3]],
      ['crop', [0.5, 0.4, 0.3], [23, 91, 3]],
    ] as const) {
      await importModel(greyNetwork(), { depth: { ...depth, input: { fit, mean } } });
      const { session } = await openSession((await loadModel(output)).graphPath, 'cpu', 1);
      t.deepEqual(contractProblems(session.inputNames, session.outputNames), []);
      const seen = async (networkImage: boolean) => {
        const { network_image } = await session.run(
          graphFeeds({ pixels, intrinsics: camera(100), networkImage }),
        );
        return network_image;
      };
      t.deepEqual((await seen(false)).dims, [0, 0, 3]);
      const { dims, type, data } = await seen(true);
      t.deepEqual([type, dims], ['uint8', size]);
      const columns = size[1];
      for (const band of [0, 1, 3, 6, 7]) {
        const at = 3 * (8 * columns + Math.floor(((band + 0.5) * columns) / 8));
        t.deepEqual([...data.slice(at, at + 3)], [band * 30, 100, 200], `${fit} band ${band}`);
      }
      await session.release();
    }
  },
);

test.serial('a model of segmentation alone gives classes, and no depth', async (t) => {
  const { importModel } = await setUp(t);
  const nodes = [
    node('Cast', ['x'], ['f'], { to: int(7) }),
    node('ReduceMax', ['f'], ['y'], { axes: ints(1), keepdims: int(0) }),
  ];
  const bytes = modelBytes(13, nodes, {
    shape: [1, 3, H, W],
    outputs: [{ name: 'y', type: { dtype: 'int64', shape: [1, H, W] } }],
  });
  const std = [1 / 255, 1 / 255, 1 / 255]; // so that a pixel's value is its class
  const { report, runner } = await importModel(bytes, {
    segmentation: {
      ...{ onnx: 'net.onnx', values: 'classes', classes: 'cityscapes', input: { std, fit: 'crop' } },
      ignore: Array.from({ length: 256 - 19 }, (_, i) => 19 + i),
    },
  });
  t.regex(report, /^no depth, 19 classes\n/);
  const { depth: depthMeters, labels } = await runner.run(
    picture(2 * W, H, (x) => [Math.floor(x / 8), 0, 0]),
    camera(50),
  );
  t.true(depthMeters.every(Number.isNaN));
  t.deepEqual(
    [0, 31, 32, 60, 95, 96].map((x) => labels?.[5 * 2 * W + x]),
    [255, 255, 4, 7, 11, 255],
  );
  t.deepEqual(runner.manifest.depth, { kind: 'none', metric: false });
});

test.serial(
  'what the description and the file do not say, or say differently, is refused; nothing is left behind',
  async (t) => {
    const { folder, run, importModel } = await setUp(t);
    const refused = (onnx: Uint8Array, description: object, message: RegExp) =>
      t.throwsAsync(importModel(onnx, description), { instanceOf: TrainingError, message });
    const affine = { meaning: 'affine-inverse-depth' };
    await refused(
      greyNetwork(),
      { depth: { ...depth, values: affine } },
      /affine-inverse-depth: it can be `metric: true` only with `scale` and `shift`/,
    );
    await refused(
      greyNetwork(),
      { depth: { ...depth, values: { ...affine, scale: 2 } } },
      /give both `scale` and `shift`/,
    );
    await refused(greyNetwork(), {}, /expected `depth`, `segmentation` or both/);
    const nested = Array.from({ length: 200 }).reduce((inner: object) => ({ inner }), {});
    await refused(greyNetwork(), { depth: nested }, /net\.yaml nests its values too deeply/);
    await refused(
      greyNetwork(),
      { depth: { ...depth, metric: undefined } },
      /net\.yaml is not a valid description .*\n.*metric/s,
    );
    await refused(greyNetwork(), { depth: { ...depth, colour: 1 } }, /Unrecognized key: "colour"/);
    await refused(
      greyNetwork([1, 3, 'h', 'w']),
      { depth },
      /takes any size; say which it was made for: `size:/,
    );
    await refused(
      greyNetwork(),
      { depth: { ...depth, input: { size: { height: 64, width: 64 } } } },
      /takes images of `64 x 32` only/,
    );
    await refused(
      greyNetwork(),
      { depth: { ...depth, input: { layout: 'NHWC' } } },
      /has the shape \[1, 3, 32, 64\]; expected `\[1, h, w, 3\]`/,
    );
    await refused(
      greyNetwork(),
      { depth: { ...depth, output: 'depth' } },
      /there is no `depth`; the file has `y` \[1, 1, 32, 64\]/,
    );
    await refused(greyNetwork([2, 3, H, W]), { depth }, /expected `\[1, 3, h, w\]`/);
    await refused(twoHeads(), { depth }, /output: name one of `inverse` \[1, 1, 32, 64\], `scores`/);
    await refused(twoHeads(), { depth: { ...depth, output: 'scores' } }, /one number a pixel/);
    const segmentation = { onnx: 'net.onnx', output: 'scores', classes: 'cityscapes' };
    await refused(
      twoHeads(),
      { segmentation },
      /`scores` has the shape \[1, 3, 16, 32\]; expected `\[1, 19, h, w\]`/,
    );
    await refused(modelBytes(6, grey), { depth }, /version 6 of ONNX's operator set; expected `7 to 23`/);
    const unknown = modelBytes(13, [node('Imaginary', ['x'], ['y'])], {
      shape: [1, 3, H, W],
      outputs: [{ name: 'y', type: { dtype: 'float32', shape: [1, 1, H, W] } }],
    });
    await refused(unknown, { depth }, /net\.onnx cannot be opened by onnxruntime: .*Imaginary/);
    await refused(new Uint8Array(10), { depth }, /net\.onnx is no usable ONNX model/);
    t.deepEqual((await readdir(folder)).sort(), ['net.onnx', 'net.yaml']);

    const net = path.join(folder, 'net.onnx');
    await writeFile(net, twoHeads());
    await t.throwsAsync(run(net, '-o', path.join(folder, 'm')), {
      instanceOf: TrainingError,
      message:
        /net\.onnx alone does not say how it wants its images.*`rxdepth model import .*net\.onnx > .*net\.yaml`/,
    });
    t.regex(
      await run(net),
      /^# .*does not say how it wants its images.*`x` float32 \[1, 3, 32, 64\].*`scores`.*\nname: net\n.* {2}onnx: net\.onnx\n/s,
    );
    await t.throwsAsync(run(path.join(folder, 'net.yaml'), '-o', 'm', '--focal', '300'), {
      instanceOf: TrainingError,
      message: /net\.yaml describes a whole model; leave out `--focal`/,
    });
  },
);
