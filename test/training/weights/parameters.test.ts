import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import type { ParameterSpec } from '../../../training/networks/scope.js';
import {
  encodeParameters,
  initialParameters,
  parametersFrom,
  storedShape,
} from '../../../training/weights/parameters.js';
import { decodeSafetensors } from '../../../training/weights/safetensors.js';

const spec = (
  name: string,
  shape: number[],
  initializer: ParameterSpec['initializer'] = { kind: 'heNormal' },
): ParameterSpec => ({ name, shape, initializer, trainable: true });

const SPECS = [
  spec('conv.weight', [3, 3, 16, 64]),
  spec('conv.bias', [64], { kind: 'fanInUniform', fanIn: 144 }),
  spec('bn.running_var', [64], { kind: 'constant', value: 1 }),
];

test('starting values depend on seed and name, not on the order or company of the parameters', (t) => {
  const values = (specs: ParameterSpec[], seed: number) =>
    [...(initialParameters(specs, seed).get('conv.weight')?.values ?? [])].slice(0, 50);
  const first = values(SPECS, 7);
  t.deepEqual(values(SPECS.toReversed(), 7), first);
  t.deepEqual(values(SPECS.slice(0, 1), 7), first);
  t.notDeepEqual(values(SPECS, 8), first);
  const renamed = initialParameters([spec('other.weight', [3, 3, 16, 64])], 7).get('other.weight');
  t.notDeepEqual([...(renamed?.values ?? [])].slice(0, 50), first);
});

test('He initialisation has mean 0 and variance 2 / fan-out; the uniform one stays within 1 / sqrt(fan-in)', (t) => {
  const parameters = initialParameters(
    [...SPECS, spec('big.bias', [20000], { kind: 'fanInUniform', fanIn: 25 })],
    1,
  );
  const he = parameters.get('conv.weight')?.values ?? new Float32Array();
  const deviation = Math.sqrt(2 / (3 * 3 * 64));
  t.is(he.length, 9216);
  t.true(Math.abs(mean(he)) < (4 * deviation) / Math.sqrt(he.length), 'four standard errors');
  t.true(Math.abs(variance(he) / deviation ** 2 - 1) < 4 * Math.sqrt(2 / he.length));
  t.true(Math.abs(share(he, (x) => Math.abs(x) < deviation) - 0.6827) < 0.02, 'the shape of a Gaussian');
  const uniform = parameters.get('big.bias')?.values ?? new Float32Array();
  t.true(uniform.every((x) => Math.abs(x) <= 0.2));
  t.true(Math.abs(variance(uniform) / (0.2 ** 2 / 3) - 1) < 0.03);
  t.deepEqual([...new Set(parameters.get('bn.running_var')?.values)], [1]);
});

test('filters are stored as [out, in, height, width]', (t) => {
  t.deepEqual(storedShape([7, 5, 3, 64]), [64, 3, 7, 5]);
  t.deepEqual(storedShape([64]), [64]);
  const { bytes } = encodeParameters(initialParameters(SPECS, 1), 'F32', {});
  t.deepEqual(decodeSafetensors(bytes, 'x').tensors.get('conv.weight')?.shape, [64, 16, 3, 3]);
});

test('weights survive a file exactly in float32, to 11 bits in float16', (t) => {
  const parameters = initialParameters(SPECS, 3);
  const reread = (precision: 'F32' | 'F16') => {
    const file = Buffer.from(encodeParameters(parameters, precision, { by: 'test' }).bytes);
    return parametersFrom(decodeSafetensors(file, 'x'), SPECS, 'x');
  };
  for (const { name } of SPECS) {
    const before = parameters.get(name)?.values ?? new Float32Array();
    t.deepEqual(reread('F32').get(name)?.values, before);
    const half = reread('F16').get(name)?.values ?? new Float32Array();
    t.is(half.length, before.length);
    t.true(
      half.every((x, i) => Math.abs(x - before[i]) <= Math.abs(before[i]) * 2 ** -11 + 2 ** -25),
      name,
    );
  }
});

test('values read from a file are independent of it', (t) => {
  const { bytes } = encodeParameters(initialParameters(SPECS, 3), 'F32', {});
  const values = parametersFrom(decodeSafetensors(bytes, 'x'), SPECS, 'x').get('conv.bias')?.values;
  const before = [...(values ?? [])];
  bytes.fill(0);
  t.deepEqual([...(values ?? [])], before);
});

test('parameters that are missing or of another shape are all named', (t) => {
  const { bytes } = encodeParameters(
    initialParameters([spec('a', [2]), spec('b', [1, 2, 3, 4])], 1),
    'F32',
    {},
  );
  const file = decodeSafetensors(bytes, 'x');
  const error = t.throws(
    () =>
      parametersFrom(file, [spec('a', [3]), spec('b', [1, 2, 3, 4]), spec('c', [1])], 'model.safetensors'),
    { instanceOf: TrainingError },
  );
  t.is(
    error?.message,
    'model.safetensors does not fit this network: `a` has shape [2], expected [3]; `c` is missing',
  );
  const many = Array.from({ length: 12 }, (_, i) => spec(`p${i}`, [1]));
  t.throws(() => parametersFrom(file, many, 'x'), { message: /`p9` is missing; and 2 more$/ });
});

test('a parameter of a data type that is not read is not called missing', (t) => {
  const unread = new Map([['a', 'BF16']]);
  t.throws(() => parametersFrom({ tensors: new Map(), metadata: {}, unread }, [spec('a', [1])], 'x'), {
    message: /`a` is BF16, expected F32 or F16/,
  });
});

test('a value too large for float16 is refused, not made infinite', (t) => {
  const parameter = { spec: spec('bn.running_var', [2]), values: Float32Array.of(65519, 1) };
  const parameters = new Map([['bn.running_var', parameter]]);
  t.notThrows(() => encodeParameters(parameters, 'F16', {}));
  parameter.values[1] = -65520;
  t.throws(() => encodeParameters(parameters, 'F16', {}), {
    instanceOf: TrainingError,
    message: /`bn\.running_var`.*-65520/,
  });
});

function mean(values: Float32Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function variance(values: Float32Array): number {
  const m = mean(values);
  return values.reduce((sum, x) => sum + (x - m) ** 2, 0) / values.length;
}

function share(values: Float32Array, holds: (x: number) => boolean): number {
  return values.filter(holds).length / values.length;
}

test('Xavier initialisation has variance 2 / (fan-in + fan-out), the normal one what is asked for', (t) => {
  const shape = [3, 3, 16, 64];
  const parameters = initialParameters(
    [
      spec('xavier', shape, { kind: 'xavierNormal' }),
      spec('normal', shape, { kind: 'normal', deviation: 0.02 }),
    ],
    1,
  );
  for (const [name, deviation] of [
    ['xavier', Math.sqrt(2 / (9 * (16 + 64)))],
    ['normal', 0.02],
  ] as const) {
    const values = parameters.get(name)?.values ?? new Float32Array();
    t.true(Math.abs(mean(values)) < (4 * deviation) / Math.sqrt(values.length), name);
    t.true(Math.abs(variance(values) / deviation ** 2 - 1) < 4 * Math.sqrt(2 / values.length), name);
    t.true(Math.abs(share(values, (x) => Math.abs(x) < deviation) - 0.6827) < 0.02, name);
  }
});
