import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import type { PictureModel } from '../../../../../models/model-runner.js';
import { driveFigures } from '../../../../../training/adaptation/judge/judge-drive.js';
import { judgePictures } from '../../../../../training/adaptation/judge/judge-pictures.js';
import { JudgedLabels } from '../../../../../training/adaptation/judge/labels/judged-labels.js';
import { decideLabels } from '../../../../../training/adaptation/judge/labels/label-verdict.js';
import { SampleStore } from '../../../../../training/datasets/stores/sample-store.js';
import { domainNamed } from '../../../../../training/simulator/domains.js';
import { simulateSnapshot } from '../../../../../training/simulator/snapshot.js';
import { temporaryFolder } from '../../../datasets/samples.js';

const [WIDTH, HEIGHT, PICTURES, SAMPLES] = [96, 48, 10, 10];
const CLASSES = 19;
const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Simulated scenes, pictures of which tell depth by the red and classes by the green channel: models are functions of them. */
const FARTHEST = 90;
const toRed = (depth: number) => Math.round((255 * Math.log(Math.min(depth, FARTHEST))) / Math.log(FARTHEST));
const fromRed = (red: number) =>
  red === 255 ? Number.POSITIVE_INFINITY : Math.exp((red / 255) * Math.log(FARTHEST));

type Labeller = (label: number, x: number, y: number) => number;

function model(labelOf: Labeller, scale = 1): PictureModel {
  return {
    manifest: { classes: new Array(CLASSES).fill({}) } as unknown as PictureModel['manifest'], // only they are counted
    run: async ({ rgb, width }) => ({
      depth: Float32Array.from({ length: rgb.length / 3 }, (_, i) => scale * fromRed(rgb[3 * i])),
      labels: Uint8Array.from({ length: rgb.length / 3 }, (_, i) =>
        labelOf(rgb[3 * i + 1], i % width, Math.floor(i / width)),
      ),
    }),
  };
}

/** Of every so many blocks of the picture one has other classes. */
const wrong =
  (blocks: number): Labeller =>
  (label, x, y) =>
    (11 * (x >> 2) + 3 * (y >> 2)) % blocks === 0 ? (label + 3) % CLASSES : label;
const PARENT = model(wrong(7));
const CANDIDATES = {
  better: model(wrong(17)),
  same: PARENT,
  worse: model(wrong(4)),
  road: model(() => 0),
  swapped: model((label, x, y) => wrong(17)(label === 0 ? 2 : label === 2 ? 0 : label, x, y)),
  shifted: model((label) => (label + 1) % CLASSES),
  farther: model(wrong(17), 1.5),
} as const;

const storeOf = (name: string, count: number) => ({
  folder: path.join(folder, name),
  description: { source: name, seed: 1, width: WIDTH, height: HEIGHT, count },
});
const [drive, source] = [storeOf('drive', PICTURES), storeOf('source', SAMPLES)];
const pictures = Array.from({ length: PICTURES }, (_, index) => ({
  index,
  drive: 0,
  stampNs: BigInt(index),
}));

test.before(async () => {
  for (const [store, first] of [
    [drive, 40],
    [source, 80],
  ] as const) {
    const samples = SampleStore.open(store.folder, store.description);
    for (let i = 0; i < store.description.count; i++) {
      const options = { domain: domainNamed('town-clean'), width: WIDTH, height: HEIGHT };
      const scene = simulateSnapshot({ ...options, seed: first + i });
      const rgb = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, k) => {
        const at = Math.floor(k / 3);
        return k % 3 === 0 ? toRed(Math.max(1, scene.depthMeters[at])) : k % 3 === 1 ? scene.labels[at] : 0;
      });
      const seen = await PARENT.run({ rgb, width: WIDTH, height: HEIGHT }, scene.intrinsics);
      // The drive's store has what the parent sees, the source's the truth.
      const labels = store === drive ? (seen.labels ?? scene.labels) : scene.labels;
      samples.write(i, { ...scene, rgb, depthMeters: seen.depth, labels });
    }
    samples.close();
  }
});

async function judged(candidate: PictureModel) {
  const judge = await JudgedLabels.open({
    parent: PARENT,
    drive: { name: 'drive', store: drive, views: [], triplets: [] },
    ...{ pictures, guards: [] },
    source: { ...source, indices: Array.from({ length: SAMPLES }, (_, i) => i) },
  });
  const { labels } = await judge.judge(candidate);
  if (labels === undefined) throw new Error('there are pictures');
  const alone = await judgePictures(drive, pictures, PARENT, candidate);
  const still = driveFigures([], WIDTH * HEIGHT);
  return { labels, ...decideLabels({ labels, guards: [], drive: still, pictures: alone, others: {} }) };
}

test('better labels are promoted on single pictures, without truth', async (t) => {
  const { verdict, reasons, labels } = await judged(CANDIDATES.better);
  t.is(verdict, 'promoted', reasons.join());
  t.regex(reasons.join(), /^better labels: overlap with the mirror image \+/);
  t.true(labels.placed >= 8 && labels.placeGain.mean > 0 && labels.timeGain === undefined);
});

for (const [name, reason] of [
  ['same', /^better labels: /],
  ['worse', /better labels: .*classes where they belong: /s],
  ['road', /classes where they belong: .*labels the same in the mirror: /s],
  ['swapped', /classes where they belong: /],
  ['shifted', /classes where they belong: /],
] as const) {
  test(`labels that are ${name} are not promoted`, async (t) => {
    const { verdict, reasons } = await judged(CANDIDATES[name]);
    t.is(verdict, 'rejected');
    t.regex(reasons.join('\n'), reason);
  });
}

test('better labels do not pay for depth that changed', async (t) => {
  const { verdict, reasons } = await judged(CANDIDATES.farther);
  t.is(verdict, 'rejected');
  t.true(
    reasons.some((reason) => reason.startsWith('same scale: ')),
    reasons.join(),
  );
});
