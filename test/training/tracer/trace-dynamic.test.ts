import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { InferenceSession, Tensor } from '../../../models/onnxruntime.js';
import { GraphBuilder } from '../../../training/onnx/graph-builder.js';
import { reflectionPad } from '../../../training/ops/reflection-pad.js';
import { upsampleNearest } from '../../../training/ops/upsample-nearest.js';
import { traceDynamic } from '../../../training/tracer/trace-dynamic.js';
import { floats, relativeError, runEager } from './parity.js';

type Image = tf.Tensor4D;

const filter = floats([3, 3, 3, 4]);
const last = floats([3, 3, 7, 2]);

/** Much of what image networks do; none of it depends on the size. */
function network(x: Image, w: tf.Tensor4D, w2: tf.Tensor4D): tf.Tensor {
  const stats = tf.ones([4]) as tf.Tensor1D;
  const half = tf.batchNorm(tf.conv2d(x, w, 2, 'same'), stats, stats) as Image;
  const smooth = tf.image.resizeBilinear(
    upsampleNearest(half, 2),
    [x.shape[1] * 2, x.shape[2] * 2],
    false,
    true,
  );
  const joined = tf.concat([tf.maxPool(smooth, 2, 2, 'same'), x], 3);
  const y = tf.conv2d(reflectionPad(joined, 1), w2, 1, 'valid');
  const normal = tf.softmax(y).sub(y.mean([1, 2], true));
  const cut = normal.slice([0, 1, 0, 0], [1, x.shape[1] - 2, x.shape[2], 2]);
  return tf.argMax(cut, 3).toFloat().add(cut.sum(3)).expandDims(3).squeeze([3]);
}

function build(fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>): Uint8Array {
  const g = new GraphBuilder('dynamic');
  const x = g.input('x', 'float32', [1, 3, 'h', 'w']);
  const value = g.constant(filter.data, 'float32', filter.shape);
  const value2 = g.constant(last.data, 'float32', last.shape);
  const outputs = traceDynamic(
    g,
    fn,
    {
      x: { value: x, shape: [1, 64, 96, 3], dtype: 'float32', layout: 'NCHW' },
      w: { value, shape: filter.shape, dtype: 'float32' },
      w2: { value: value2, shape: last.shape, dtype: 'float32' },
    },
    { x: [1, 96, 160, 3] },
  );
  g.output(
    'y',
    outputs.y.value(),
    'float32',
    outputs.y.shape.map((_, i) => `d${i}`),
  );
  return g.toModel();
}

test.before(async () => {
  await tf.setBackend('cpu');
});

test.serial('a graph traced at one size computes what eager TensorFlow.js does at others', async (t) => {
  const session = await InferenceSession.create(
    build(({ x, w, w2 }) => ({ y: network(x as Image, w as tf.Tensor4D, w2 as tf.Tensor4D) })),
  );
  for (const [height, width] of [
    [64, 96],
    [32, 48],
    [50, 22],
  ]) {
    const x = floats([1, height, width, 3]);
    const { y } = runEager(
      (inputs) => ({ y: network(inputs.x as Image, inputs.w as tf.Tensor4D, inputs.w2 as tf.Tensor4D) }),
      { x, w: filter, w2: last },
    );
    const image = tf.tidy(() =>
      tf
        .tensor(x.data, [...x.shape])
        .transpose([0, 3, 1, 2])
        .dataSync(),
    ) as Float32Array;
    const result = await session.run({ x: new Tensor('float32', image, [1, 3, height, width]) });
    const error = relativeError({ shape: result.y.dims, data: result.y.data as Float32Array }, y);
    t.true(error < 1e-4, `${height}x${width}: ${error}`);
  }
});

for (const [op, fn] of Object.entries<(x: Image) => tf.Tensor>({
  resizeBilinear: (x) => tf.image.resizeBilinear(x, [x.shape[1] + 5, 40]),
  slice: (x) => x.slice([0, 20, 0, 0], [1, 24, 8, 3]),
  mul: (x) => x.mul(tf.linspace(0, 1, x.shape[2]).expandDims(1)),
})) {
  test.serial(`${op} with a size baked in is refused by name`, (t) => {
    t.throws(() => build(({ x }) => ({ y: fn(x as Image) })), { message: new RegExp(`\`${op}\``, 'i') });
  });
}
