import { InferenceSession, Tensor } from '../models/onnxruntime.js';
import { sustainedRate } from './sustained-rate.js';

/**
 * Runs a network alone, as fast as onnxruntime can and with its own default options:
 * `node bare-network.js GRAPH THREADS SECONDS`, in a process of its own. Prints its rate as one JSON object.
 */
const [graphPath = '', threads = '1', seconds = '5'] = process.argv.slice(2);
const session = await InferenceSession.create(graphPath, { intraOpNumThreads: Number(threads) });
const [input] = session.inputMetadata;
if (input === undefined || !input.isTensor) throw new Error(`${graphPath} has no tensor input`);
const shape = input.shape.map(Number);
const pixels = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 0.37));
const feeds = { [input.name]: new Tensor('float32', pixels, shape) };
console.log(JSON.stringify(await sustainedRate(() => session.run(feeds), Number(seconds))));
