import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  asTensors,
  type BatchSchema,
  checkRanges,
  counted,
  emptyArrays,
  traceInputs,
} from '../../../../training/datasets/batches/batch-schema.js';

const SCHEMA = {
  image: { shape: ['B', 'H', 'W', 3], dtype: 'float32', layout: 'NCHW', range: [-1, 1] },
  labels: { shape: ['B', 'h', 'w'], dtype: 'int32', range: [0, 255] },
  index: { shape: ['B'], dtype: 'int32', range: [0, 9], host: true },
  flag: { shape: ['B'], dtype: 'float32', range: [0, 1], optional: true },
} as const satisfies BatchSchema;
const SIZES = { B: 2, H: 4, W: 6, h: 2, w: 3 };

test.before(() => tf.setBackend('cpu'));

test('memory and inputs of graphs follow from the letters; what stays on the host is no input', (t) => {
  const { image, labels, index, flag } = emptyArrays(SCHEMA, SIZES, ['image', 'labels', 'index']);
  t.deepEqual([image.length, labels.length, index.length, flag], [2 * 4 * 6 * 3, 2 * 2 * 3, 2, undefined]);
  t.true(image instanceof Float32Array && labels instanceof Int32Array);
  t.deepEqual(traceInputs(SCHEMA, SIZES, ['image', 'labels', 'index']), {
    image: { shape: [2, 4, 6, 3], dtype: 'float32', layout: 'NCHW' },
    labels: { shape: [2, 2, 3], dtype: 'int32' },
  });
  t.throws(() => emptyArrays(SCHEMA, { B: 2 }), { message: /batch `image`: expected a size for `H`/ });
});

test('the same letter is the same size in all tensors; what is missing is named', (t) => {
  const image = tf.zeros([2, 4, 6, 3]);
  const labels = tf.zeros([2, 2, 3], 'int32');
  t.is(asTensors(SCHEMA, { image, labels }).image.shape[3], 3);
  t.throws(() => asTensors(SCHEMA, { image }), { message: /expected `labels`, it is missing/ });
  t.throws(() => asTensors(SCHEMA, { image, labels: tf.zeros([3, 2, 3]) }), {
    message: /labels: expected the shape `\[B, h, w\]` with B = 2, got \[3, 2, 3\]/,
  });
  t.throws(() => asTensors(SCHEMA, { image, labels, flag: tf.zeros([3]) }), { message: /^flag/ });
});

test('values that cannot be meant are found, NaN too', (t) => {
  const good = emptyArrays(SCHEMA, SIZES);
  t.notThrows(() => checkRanges(SCHEMA, { ...good }));
  good.image[5] = 1.5;
  t.throws(() => checkRanges(SCHEMA, { ...good }), {
    message: /batch `image`: expected values in `-1..1`, got 1.5/,
  });
  good.image[5] = Number.NaN;
  t.throws(() => checkRanges(SCHEMA, { ...good }), { message: /`image`.*got NaN/ });
});

test('another number of images has a letter of its own', (t) => {
  const schema = { ...SCHEMA, source: counted(SCHEMA.image, 'S') };
  t.is(emptyArrays(schema, { ...SIZES, S: 5 }).source.length, 5 * 4 * 6 * 3);
});
