import type { CompressedImage } from '../msgs/compressed-image.js';
import { InferenceEngine } from '../nodes/perception/engine/inference-engine.js';
import type { Wants } from '../nodes/perception/engine/inference-request.js';
import { type Rate, startRate } from './rate.js';
import { cameraInfo } from './workload.js';

/** The inference engine alone (decode, graph, messages; nothing is written), all sessions busy. */
export async function engineRate(
  graphPath: string,
  pictures: readonly Uint8Array[],
  wants: Wants,
  frames: number,
): Promise<Rate> {
  const engine = await InferenceEngine.open({ graphPath, device: 'cpu', goal: 'throughput' });
  try {
    const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: 'camera' };
    const info = cameraInfo(header);
    let next = 0;
    const work = async (until: number): Promise<void> => {
      while (next < until) {
        const data = pictures[next++ % pictures.length] ?? new Uint8Array();
        const image: CompressedImage = { header, format: 'jpeg', data };
        (await engine.infer({ image, info, cameraKind: 'raw', scale: 1, wants })).release();
      }
    };
    const all = (until: number) => Promise.all(Array.from({ length: engine.capacity }, () => work(until)));
    await all(2 * engine.capacity);
    const already = next;
    const stop = startRate();
    await all(already + frames);
    return stop(next - already);
  } finally {
    await engine.close();
  }
}
