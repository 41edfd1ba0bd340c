import { graphFeeds } from '../models/graph-feeds.js';
import { InferenceSession } from '../models/onnxruntime.js';
import { sustainedRate } from './sustained-rate.js';
import { WORKLOAD } from './workload.js';

/**
 * Runs a perception graph alone on a picture of the workload's size, with depth, labels, colours, mask and a cloud at
 * stride 4: `node bare-graph.js GRAPH THREADS SECONDS`, in a process of its own. Prints its rate as one JSON object.
 */
const [graphPath = '', threads = '1', seconds = '5'] = process.argv.slice(2);
const STRIDE = 4;
const { width, height, focalPixels } = WORKLOAD;
const session = await InferenceSession.create(graphPath, { intraOpNumThreads: Number(threads) });
const pixels = {
  ...{ height, width, step: 3 * width, bytesPerPixel: 3, channelOrder: [0, 1, 2] as const },
  data: Uint8Array.from({ length: height * width * 3 }, (_, i) => 128 + 100 * Math.sin(i * 0.37)),
};
const rays = new Float32Array(Math.ceil(height / STRIDE) * Math.ceil(width / STRIDE) * 2);
const feeds = graphFeeds({
  pixels,
  intrinsics: { fx: focalPixels, fy: focalPixels, cx: (width - 1) / 2, cy: (height - 1) / 2 },
  cloud: { rays, stride: STRIDE },
  labels: true,
});
console.log(JSON.stringify(await sustainedRate(session, feeds, Number(seconds))));
