import { VersionStore } from '../../models/versions/version-store.js';
import { InferenceEngine } from '../../nodes/perception/engine/inference-engine.js';
import { SwappableEngine } from '../../nodes/perception/engine/swappable-engine.js';
import { Random } from '../../training/simulator/random.js';
import { cameraInfo } from '../workload.js';

/**
 * Child of kill-moments.ts: perceives without pause and swaps to whatever it makes current, until it is killed.
 * `node swap-versions.js HOME SHIPPED SEED`.
 */
const [home = '', shipped = '', seed = '0'] = process.argv.slice(2);
const store = new VersionStore({ home, shipped, keep: 3 });
const random = new Random(Number(seed));
const open = async () => {
  const model = await store.load(await store.current());
  return {
    model,
    engine: await InferenceEngine.open({ graphPath: model.graphPath, device: 'cpu', threads: 1 }),
  };
};
const first = await open();
const engine = new SwappableEngine(first.model, first.engine);

const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: 'camera' };
const [width, height] = [128, 64];
const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7) % 256);
const image = { header, height, width, encoding: 'rgb8', is_bigendian: 0, step: width * 3, data };
const info = { ...cameraInfo(header), height, width };
async function perceive(): Promise<never> {
  for (;;) {
    const wants = { depth: '32FC1', labels: true, pointStride: 4 } as const;
    (await engine.infer({ image, info, cameraKind: 'raw', scale: 1, wants })).release();
  }
}
const perceiving = perceive();

for (;;) {
  const doing = random.weighted({ promote: 1, use: 1, rollback: 1 });
  process.stdout.write(`swap: after ${doing}\n`);
  if (doing === 'promote') await store.promote(shipped, await store.current());
  else if (doing === 'use') await store.use(random.pick((await store.list()).versions));
  else await store.rollback().catch(() => undefined); // nothing to go back to
  await Promise.race([engine.swap(await open(), { compare: false, frames: 2 }), perceiving]);
}
