import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { CITYSCAPES_CLASSES } from '../../../models/class-table.js';
import { loadModel } from '../../../models/model-store.js';
import { VersionStore } from '../../../models/versions/version-store.js';
import { adaptationMethod } from '../../../training/adaptation/adaptation-methods.js';
import { ADAPTATION_SETTINGS } from '../../../training/adaptation/adaptation-settings.js';
import { runAdaptation } from '../../../training/adaptation/run-adaptation.js';
import { adjustLogits } from '../../../training/perception-graph/adjust-logits.js';
import { domainNamed } from '../../../training/simulator/domains.js';
import { simulateDrive } from '../../../training/simulator/drive.js';
import { DriveRecorder } from '../../../training/simulator/drive-recorder.js';
import { tensorValues } from '../../../training/weights/parameters.js';
import { decodeSafetensors } from '../../../training/weights/safetensors.js';
import { TINY_HEIGHT, TINY_WIDTH, writeTinyModel } from './tiny-model.js';

const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-adjusted-'));
test.after.always(() => rm(root, { recursive: true, force: true }));
const place = (name: string) => path.join(root, name);

const BIAS = 'segmentation.logits.bias';
/**
 * The tiny model says road by 50 nats: it goes on saying so by 5, but what it learns from those would be all different. Neither
 * number is rounded, so that what is learned is the same.
 */
const ADJUSTMENT = { road: -45 };

test.before(async () => {
  await writeTinyModel(place('plain'));
  await adjustLogits(
    await loadModel(place('plain')),
    new Map(Object.entries(ADJUSTMENT)),
    { folder: place('adjusted') },
    'none',
  );
  const recorder = await DriveRecorder.create(place('drive'), { overwrite: false, startNs: 1_000_000_000n });
  const size = { width: TINY_WIDTH, height: TINY_HEIGHT };
  const drive = { domain: domainNamed('town-camera'), seed: 101, frames: 24, frameRate: 10, ...size };
  for (const frame of simulateDrive(drive)) await recorder.write(frame);
  await recorder.close();
});

/** Weights of a model folder, by the file format's own rules. */
async function weightsOf(folder: string): Promise<Map<string, Float32Array>> {
  const bytes = await readFile(path.join(folder, 'weights.safetensors'));
  return new Map(
    [...decodeSafetensors(bytes, folder).tensors].map(([name, each]) => [name, tensorValues(each)]),
  );
}

/** What learning left at its end; nothing is judged. */
async function adapted(parent: string, method: string): Promise<string> {
  const out = place(`${parent}-${method}`);
  const home = place(`home-${parent}-${method}`);
  const stop = new AbortController();
  await runAdaptation(
    {
      ...{ bags: [place('drive')], names: {}, model: undefined, judgeOnly: false, promote: true, out },
      // The learning rate follows the clock, too: so slow a one does not matter.
      ...{ minutes: 1e9, steps: 2, mostFrames: 200, command: 'test', threads: 1 },
      ...{ method: adaptationMethod(method), signal: stop.signal },
      settings: {
        ...ADAPTATION_SETTINGS,
        samples: { rehearsed: 3, judged: 2 },
        snapshotAt: [],
        refreshAt: [],
      },
      report: (line) => {
        if (/\(judged\)|judging/.test(line)) stop.abort();
      },
    },
    new VersionStore({ home, shipped: place(parent) }),
  );
  return path.join(out, 'checkpoints', '00002');
}

for (const method of ['sgdepth', 'da-monodepth', 'dada']) {
  test(`--method ${method} learns from the logits without the adjustment, and what it learned has it again`, async (t) => {
    t.timeout(900_000);
    const [plain, other] = [await adapted('plain', method), await adapted('adjusted', method)];
    t.deepEqual((await loadModel(other)).manifest.classAdjustment, ADJUSTMENT);
    t.is((await loadModel(plain)).manifest.classAdjustment, undefined);
    const [a, b, start] = await Promise.all([plain, other, place('plain')].map(weightsOf));
    let [learned, differs] = [0, 0];
    for (const [name, values] of a) {
      if (name === BIAS || !name.startsWith('segmentation.')) continue;
      values.forEach((value, i) => {
        learned += Math.abs(value - (start.get(name)?.[i] ?? Number.NaN));
        differs += Math.abs(value - (b.get(name)?.[i] ?? Number.NaN));
      });
    }
    t.true(learned > 0, 'something was learned');
    t.true(differs < 1e-3 * learned, `of ${learned} differs ${differs}`);
    for (const [i, { name }] of CITYSCAPES_CLASSES.entries()) {
      const difference = (b.get(BIAS)?.[i] ?? Number.NaN) - (a.get(BIAS)?.[i] ?? Number.NaN);
      t.true(Math.abs(difference - (name === 'road' ? ADJUSTMENT.road : 0)) < 1e-4, `${name}: ${difference}`);
    }
  });
}
