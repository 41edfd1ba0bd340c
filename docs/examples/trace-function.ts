import { writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';
import { compile } from 'rxdepth/tracer';

/** A function of TensorFlow.js as an ONNX model that any onnxruntime runs, and run here by onnxruntime. */
const [file = 'sobel.onnx'] = process.argv.slice(2);
const kernel = tf.tensor4d([-1, 0, 1, -2, 0, 2, -1, 0, 1], [3, 3, 1, 1]);
const edges = await compile(
  ({ image }) => ({ edges: tf.conv2d(image as tf.Tensor4D, kernel, 1, 'same').abs() }),
  { image: { shape: [1, 4, 4, 1], dtype: 'float32' } },
);
await writeFile(file, edges.model);
const image = Float32Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 0 : 1));
const { edges: found } = await edges.run({ image });
console.log([...(found?.data ?? [])].slice(4, 8).join(' '));
await edges.close();
