import { BufferPool } from '../nodes/perception/engine/buffer-pool.js';
import { PerceptionSession } from '../nodes/perception/engine/perception-session.js';
import { sustainedRate } from './sustained-rate.js';
import { cameraInfo, WORKLOAD } from './workload.js';

/**
 * Runs a perception graph alone on a picture of the workload's size, all outputs wanted and a cloud at stride 4, up to the
 * messages: `node bare-graph.js GRAPH THREADS SECONDS`, in a process of its own. Prints its rate as one JSON object.
 */
const [graphPath = '', threads = '1', seconds = '5'] = process.argv.slice(2);
const { width, height } = WORKLOAD;
const session = await PerceptionSession.open(graphPath, 'cpu', Number(threads));
const pool = new BufferPool(8);
const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: 'camera' };
const pixels = {
  ...{ height, width, step: 3 * width, bytesPerPixel: 3, channelOrder: [0, 1, 2] as const },
  data: Uint8Array.from({ length: height * width * 3 }, (_, i) => 128 + 100 * Math.sin(i * 0.37)),
};
const wants = { depth: '32FC1', labels: true, confidence: true, pointStride: 4 } as const;
const job = { header, pixels, info: cameraInfo(header), cameraKind: 'raw', scale: 1, wants } as const;
const frame = async () => {
  const { messages } = await session.run(job, pool);
  for (const { buffer } of Object.values(messages)) pool.give(buffer as ArrayBuffer);
};
console.log(JSON.stringify(await sustainedRate(frame, Number(seconds))));
