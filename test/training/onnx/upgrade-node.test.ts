import test from 'ava';
import { Tensor } from '../../../models/onnxruntime.js';
import { TrainingError } from '../../../training/errors.js';
import type { Initializer, Node } from '../../../training/onnx/model-proto.js';
import { readModel } from '../../../training/onnx/read-model.js';
import {
  bothWays,
  carriedOver,
  float,
  floats,
  int,
  ints,
  modelBytes,
  node,
  text,
} from '../perception-graph/import/carry-over.js';

interface Case {
  readonly title: string;
  readonly opset: number;
  readonly nodes: readonly Node[];
  readonly initializers?: readonly Initializer[];
}

const tensor = (name: string, values: number[], dtype: 'float32' | 'int64' = 'float32'): Initializer => ({
  name,
  dtype,
  shape: [values.length],
  source: dtype === 'float32' ? Float32Array.from(values) : BigInt64Array.from(values, BigInt),
});

/** 2^63 - 1 */
const endless = { kind: 'ints', value: [0x7fff_ffff_ffff_ffffn] } as const;

/** Old forms of operators, each a model that onnxruntime itself still runs. */
const CASES: readonly Case[] = [
  {
    title: 'Upsample 7, scales as attribute',
    opset: 7,
    nodes: [node('Upsample', ['x'], ['y'], { mode: text('nearest'), scales: floats(1, 1, 2, 3) })],
  },
  {
    title: 'Upsample 9, linear, scales as input',
    opset: 9,
    nodes: [node('Upsample', ['x', 's'], ['y'], { mode: text('linear') })],
    initializers: [tensor('s', [1, 1, 2, 2])],
  },
  {
    title: 'Resize 10, linear',
    opset: 10,
    nodes: [node('Resize', ['x', 's'], ['y'], { mode: text('linear') })],
    initializers: [tensor('s', [1, 1, 1.5, 2])],
  },
  {
    title: 'Resize 11 with empty roi and sizes',
    opset: 11,
    nodes: [
      node('Resize', ['x', 'r', 's', 'z'], ['y'], {
        mode: text('linear'),
        coordinate_transformation_mode: text('align_corners'),
      }),
    ],
    initializers: [tensor('r', []), tensor('s', []), tensor('z', [1, 2, 5, 9], 'int64')],
  },
  { title: 'Clip 6', opset: 9, nodes: [node('Clip', ['x'], ['y'], { min: float(-0.25), max: float(0.5) })] },
  { title: 'Clip 6 without upper bound', opset: 9, nodes: [node('Clip', ['x'], ['y'], { min: float(0) })] },
  {
    title: 'Pad 2, reflect',
    opset: 10,
    nodes: [node('Pad', ['x'], ['y'], { mode: text('reflect'), pads: ints(0, 0, 1, 2, 0, 0, 1, 1) })],
  },
  {
    title: 'Pad 2, a value',
    opset: 10,
    nodes: [node('Pad', ['x'], ['y'], { pads: ints(0, 0, 1, 2, 0, 0, 0, 1), value: float(3) })],
  },
  {
    title: 'Slice 1',
    opset: 9,
    nodes: [node('Slice', ['x'], ['y'], { starts: ints(1, -3), ends: ints(3, 100), axes: ints(2, 3) })],
  },
  {
    title: 'Slice 1 to the end, as PyTorch writes it',
    opset: 9,
    nodes: [node('Slice', ['x'], ['y'], { starts: ints(1), ends: endless, axes: ints(3) })],
  },
  {
    title: 'Slice 1 without axes',
    opset: 9,
    nodes: [node('Slice', ['x'], ['y'], { starts: ints(0, 1), ends: ints(1, 2) })],
  },
  {
    title: 'Squeeze 1 and Unsqueeze 11',
    opset: 11,
    nodes: [
      node('Squeeze', ['x'], ['a'], { axes: ints(0) }),
      node('Unsqueeze', ['a'], ['y'], { axes: ints(0, 4) }),
    ],
  },
  {
    title: 'ReduceSum 11',
    opset: 11,
    nodes: [node('ReduceSum', ['x'], ['y'], { axes: ints(2, 3), keepdims: int(0) })],
  },
  {
    title: 'ReduceMean 13 over axes',
    opset: 13,
    nodes: [node('ReduceMean', ['x'], ['y'], { axes: ints(-1) })],
  },
  {
    title: 'ReduceMax 13 over everything',
    opset: 13,
    nodes: [node('ReduceMax', ['x'], ['y'], { keepdims: int(1) })],
  },
  {
    title: 'Split 11 with sizes',
    opset: 11,
    nodes: [
      node('Split', ['x'], ['a', 'b'], { axis: int(3), split: ints(1, 3) }),
      node('ReduceSum', ['b'], ['y']),
    ],
  },
  {
    title: 'Split 13 in equal parts',
    opset: 13,
    nodes: [node('Split', ['x'], ['a', 'b'], { axis: int(1) }), node('Sub', ['b', 'a'], ['y'])],
  },
  {
    title: 'Softmax 11 takes all axes from its own on together',
    opset: 11,
    nodes: [node('Softmax', ['x'], ['y'], { axis: int(2) })],
  },
  { title: 'LogSoftmax 11 with the old default axis', opset: 11, nodes: [node('LogSoftmax', ['x'], ['y'])] },
  { title: 'Dropout 10', opset: 10, nodes: [node('Dropout', ['x'], ['y', ''], { ratio: float(0.7) })] },
  {
    title: 'BatchNormalization 7',
    opset: 8,
    nodes: [
      node('BatchNormalization', ['x', 's', 'b', 'm', 'v'], ['y'], { epsilon: float(0.01), spatial: int(1) }),
    ],
    initializers: [tensor('s', [1, 2]), tensor('b', [3, 4]), tensor('m', [0.5, -0.5]), tensor('v', [2, 3])],
  },
  { title: 'TopK 1', opset: 9, nodes: [node('TopK', ['x'], ['y', 'i'], { k: int(2) })] },
  {
    title: 'ConvTranspose, MaxPool, Elu, HardSigmoid, InstanceNormalization of 9',
    opset: 9,
    nodes: [
      node('ConvTranspose', ['x', 'w'], ['a'], { strides: ints(2, 2) }),
      node('MaxPool', ['a'], ['b'], { kernel_shape: ints(2, 2) }),
      node('Elu', ['b'], ['c']),
      node('InstanceNormalization', ['c', 's', 's'], ['d']),
      node('HardSigmoid', ['d'], ['y']),
    ],
    initializers: [
      {
        name: 'w',
        dtype: 'float32',
        shape: [2, 2, 2, 2],
        source: Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)),
      },
      tensor('s', [1, 0.5]),
    ],
  },
];

const input = new Tensor(
  'float32',
  Float32Array.from({ length: 24 }, (_, i) => Math.sin(i * 1.7) * (i % 5)),
  [1, 2, 3, 4],
);

for (const { title, opset, nodes, initializers = [] } of CASES) {
  test(`${title}: carried over it computes the same`, async (t) => {
    const bytes = modelBytes(opset, nodes, { initializers });
    for (const newer of [18, 23]) {
      const { direct, carried } = await bothWays(bytes, { x: input }, newer);
      t.deepEqual(carried.dims, direct.dims);
      const [a, b] = [carried.data as Float32Array, direct.data as Float32Array];
      t.true(
        a.length > 0 && a.every((value, i) => Math.abs(value - (b[i] ?? Number.NaN)) < 1e-6),
        `${newer}: ${a} ${b}`,
      );
    }
  });
}

test('GridSample 16 keeps its mode under its new name', async (t) => {
  const grid: Initializer = {
    name: 'g',
    dtype: 'float32',
    shape: [1, 2, 2, 2],
    source: Float32Array.of(-0.9, 0, 0.3, 0.2, 0, 0, 0.7, -1),
  };
  const bytes = modelBytes(
    16,
    [node('GridSample', ['x', 'g'], ['y'], { mode: text('bilinear'), padding_mode: text('border') })],
    { initializers: [grid] },
  );
  for (const newer of [18, 20]) {
    const { direct, carried } = await bothWays(bytes, { x: input }, newer);
    t.deepEqual([...(carried.data as Float32Array)], [...(direct.data as Float32Array)]);
  }
});

test('what the newer operator set cannot express is refused by the name of the node', (t) => {
  const refused = (opset: number, nodes: Node[], message: RegExp, to = 18) =>
    t.throws(() => carriedOver(readModel(modelBytes(opset, nodes), 'model'), to), {
      instanceOf: TrainingError,
      message,
    });
  refused(9, [node('Dropout', ['x'], ['a', 'y'])], /node `n_a` \(Dropout\): Dropout with a mask/);
  refused(
    9,
    [node('BatchNormalization', ['x', 'x', 'x', 'x', 'x'], ['y', 'm'])],
    /still computes its statistics/,
  );
  refused(
    18,
    [node('GroupNormalization', ['x', 'x', 'x'], ['y'])],
    /GroupNormalization with one scale a group/,
    21,
  );
});

test('Resize 10 rounds down where it shrinks, as the frameworks do', async (t) => {
  const bytes = modelBytes(10, [node('Resize', ['x', 's'], ['y'], { mode: text('nearest') })], {
    initializers: [tensor('s', [1, 1, 1, 0.5])],
  });
  const { carried } = await bothWays(bytes, { x: input });
  const x = input.data;
  t.deepEqual([...(carried.data as Float32Array).slice(0, 4)], [x[0], x[2], x[4], x[6]]);
});
