import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { GraphBuilder } from '../../../../training/onnx/graph-builder.js';
import { batchNormTraining } from '../../../../training/ops/batch-norm-training.js';
import { reflectionPad } from '../../../../training/ops/reflection-pad.js';
import { compile } from '../../../../training/tracer/compile.js';
import { orderOf, physicalShape } from '../../../../training/tracer/lower/layout.js';
import { ALL_PASSES, type TracerPasses } from '../../../../training/tracer/trace/passes.js';
import { traceInto } from '../../../../training/tracer/trace-into.js';
import { floats, relativeError, type Samples } from '../parity.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const samples: Samples = { x: floats([2, 8, 12, 3]), w: floats([3, 3, 3, 4]), v: floats([3, 3, 4, 2]) };
const FEEDS = Object.fromEntries(Object.entries(samples).map(([name, { data }]) => [name, data]));

/** Much of a network's forward and backward pass, with work for every pass. */
function step(inputs: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
  const loss = (x: tf.Tensor, w: tf.Tensor, v: tf.Tensor): tf.Scalar => {
    const half = tf.conv2d(reflectionPad(x as tf.Tensor4D, 1), w as tf.Tensor4D, 2, 'valid');
    const scale = tf
      .fill([4], 2)
      .sqrt()
      .mul(tf.tensor1d([1, 2, 3, 4])) as tf.Tensor1D;
    const normal = batchNormTraining(half, scale, tf.zeros([4]), 1e-5).output;
    tf.exp(normal); // nobody reads it
    const pooled = tf.maxPool(tf.elu(normal), 2, 2, 'same').mul<tf.Tensor4D>(1);
    const y = tf.conv2d(pooled, v as tf.Tensor4D, 1, 'same');
    return tf.softmax(y).square().mean<tf.Scalar>().add(tf.softmax(y).abs().sum<tf.Scalar>());
  };
  const { value, grads } = tf.valueAndGrads(loss)([inputs.x, inputs.w, inputs.v]);
  return { value, dx: grads[0], dw: grads[1], dv: grads[2] };
}

/** ONNX ops of the graph that `passes` leave. */
function opsOf(passes: TracerPasses): string[] {
  const g = new GraphBuilder('passes', passes);
  const inputs = Object.entries(samples).map(([name, { shape, dtype }]) => {
    const layout = name === 'x' ? ('NCHW' as const) : ('OIHW' as const);
    const value = g.input(name, 'float32', physicalShape(shape, orderOf(layout, 4)));
    return [name, { value, shape, dtype, layout }] as const;
  });
  for (const [name, output] of Object.entries(
    traceInto(g, { fn: step, inputs: Object.fromEntries(inputs), passes }),
  )) {
    g.output(name, output.value(), 'float32', output.shape);
  }
  return g.contents().nodes.map(({ opType }) => opType);
}

const without = (pass: string): TracerPasses => ({ [pass]: false });
const none = Object.fromEntries(Object.keys(ALL_PASSES).map((pass) => [pass, false]));

test.serial('each pass makes the graph smaller', (t) => {
  const all = opsOf({}).length;
  for (const pass of Object.keys(ALL_PASSES)) {
    const more = opsOf(without(pass)).length;
    t.true(more > all, `${pass}: ${more} nodes without it, ${all} with it`);
  }
});

test.serial(
  'without layout propagation the same graph has many Transposes, with it those that move data',
  (t) => {
    const transposes = (passes: TracerPasses): number =>
      opsOf(passes).filter((op) => op === 'Transpose').length;
    t.true(transposes({}) <= 8, `${transposes({})}`);
    t.true(transposes(without('layoutPropagation')) >= 20, `${transposes(without('layoutPropagation'))}`);
  },
);

test.serial('a graph computes the same with each pass, with all and with none', async (t) => {
  const run = async (passes: TracerPasses) => {
    const compiled = await compile(step, samples, { threads: 1, passes });
    const results = await compiled.run(FEEDS);
    await compiled.close();
    return results;
  };
  const expected = await run({});
  for (const passes of [none, ...Object.keys(ALL_PASSES).map(without)]) {
    const actual = await run(passes);
    for (const [name, result] of Object.entries(expected)) {
      const error = relativeError(actual[name], result);
      t.true(error < 1e-5, `${JSON.stringify(passes)}, ${name}: ${error}`);
    }
  }
});
