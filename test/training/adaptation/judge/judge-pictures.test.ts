import { rm } from 'node:fs/promises';
import test from 'ava';
import type { PictureModel } from '../../../../models/model-runner.js';
import type { Intrinsics } from '../../../../msgs/camera/intrinsics.js';
import { judgePictures } from '../../../../training/adaptation/judge/judge-pictures.js';
import { judgeTruth, type TruthFrame } from '../../../../training/adaptation/judge/judge-truth.js';
import { decideByPictures } from '../../../../training/adaptation/judge/verdict.js';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { sparseFromDense } from '../../../../training/datasets/stores/sparse-depth.js';
import { domainNamed } from '../../../../training/simulator/domains.js';
import { simulateSnapshot } from '../../../../training/simulator/snapshot.js';
import { temporaryFolder } from '../../datasets/samples.js';

const [WIDTH, HEIGHT, PICTURES] = [64, 32, 12];
const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Simulated scenes, pictures of which tell their depth by the red channel: models are functions of what they see. */
const FARTHEST = 90;
const toRed = (depth: number) => Math.round((255 * Math.log(Math.min(depth, FARTHEST))) / Math.log(FARTHEST));
const fromRed = (red: number) => Math.exp((red / 255) * Math.log(FARTHEST));

type Distort = (depth: number, x: number, y: number, picture: Float32Array) => number;

function model(distort: Distort, labelOf: (i: number) => number = () => 0): PictureModel {
  return {
    manifest: {} as PictureModel['manifest'], // nobody asks
    run: async (
      { rgb, width }: { rgb: Uint8Array; width: number },
      _: Intrinsics,
    ): ReturnType<PictureModel['run']> => {
      const truth = Float32Array.from({ length: rgb.length / 3 }, (_value, i) => fromRed(rgb[3 * i]));
      return {
        depth: truth.map((depth, i) => distort(depth, i % width, Math.floor(i / width), truth)),
        labels: Uint8Array.from(truth, (_value, i) => labelOf(i)),
      };
    },
  };
}

/** Errors that depend on where in the picture a pixel lies. */
const wrong =
  (size: number): Distort =>
  (depth, x, y) =>
    depth * (1 + size * Math.sin(0.31 * x + 0.7 * y));
const PARENT = model(wrong(0.3));
const BETTER = model(wrong(0.15));
const WORSE = model(wrong(0.45));
/** The mean of every row: knows how streets look, and nothing of what is in them. */
const ROWS = model((_, _x, y, picture) => {
  const row = picture.slice(y * WIDTH, (y + 1) * WIDTH);
  return row.reduce((a, b) => a + b, 0) / WIDTH;
});

const store = {
  folder,
  description: { source: 'test', seed: 1, width: WIDTH, height: HEIGHT, count: PICTURES },
};
const pictures = Array.from({ length: PICTURES }, (_, index) => ({
  index,
  drive: 0,
  stampNs: BigInt(index),
}));
const truths: Float32Array[] = [];

test.before(async () => {
  const samples = SampleStore.open(folder, store.description);
  for (const { index } of pictures) {
    const options = { domain: domainNamed('town-camera'), width: WIDTH, height: HEIGHT };
    const scene = simulateSnapshot({ ...options, seed: 40 + index });
    const rgb = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) =>
      toRed(Math.max(1, scene.depthMeters[Math.floor(i / 3)])),
    );
    const { depth } = await PARENT.run({ rgb, width: WIDTH, height: HEIGHT }, scene.intrinsics);
    truths.push(Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => fromRed(rgb[3 * i])));
    samples.write(index, { ...scene, rgb, depthMeters: depth, labels: new Uint8Array(WIDTH * HEIGHT) });
  }
  samples.close();
});

async function judged(candidate: PictureModel, measured: boolean) {
  const figures = await judgePictures(store, pictures, PARENT, candidate);
  const frames = async function* (): AsyncGenerator<TruthFrame> {
    const samples = SampleStore.open(folder, store.description);
    for (const { index } of pictures) {
      const { rgb, depthMeters, intrinsics } = samples.read(index);
      const { depth } = await candidate.run({ rgb, width: WIDTH, height: HEIGHT }, intrinsics);
      const truth = sparseFromDense(truths[index], HEIGHT, WIDTH);
      yield { truth, parentDepth: depthMeters, candidateDepth: depth };
    }
    samples.close();
  };
  const truth = measured ? await judgeTruth(frames()) : undefined;
  return { figures, ...decideByPictures(figures, { truth }) };
}

test('what pictures alone show is no proof: a model that knows rows agrees best with its mirror image', async (t) => {
  const [better, rows] = [await judged(BETTER, false), await judged(ROWS, false)];
  t.true(better.figures.mirrorLoss.high < 0, 'the better one does agree more than its parent');
  t.true(rows.figures.mirrorLoss.mean < better.figures.mirrorLoss.mean, 'the empty one agrees still more');
});

test('without measured depth nothing is promoted, however good it is', async (t) => {
  const { verdict, reasons } = await judged(BETTER, false);
  t.is(verdict, 'undecided');
  t.regex(reasons.join(), /^enough evidence: the camera does not move/);
  t.is((await judged(WORSE, false)).verdict === 'promoted', false);
  t.is((await judged(ROWS, false)).verdict, 'rejected');
});

test('with measured depth the better one is promoted, the worse and the collapsed ones are not', async (t) => {
  const better = await judged(BETTER, true);
  t.is(better.verdict, 'promoted', better.reasons.join());
  t.regex(better.reasons.join(), /^better: AbsRel by the LiDAR -/);
  const worse = await judged(WORSE, true);
  t.is(worse.verdict, 'rejected');
  t.true(worse.reasons.some((reason) => reason.startsWith('better: ')));
  const rows = await judged(ROWS, true);
  t.is(rows.verdict, 'rejected');
  t.true(rows.reasons.some((reason) => reason.startsWith('not collapsed: ')));
  t.is((await judged(PARENT, true)).verdict, 'rejected', 'the parent is no better than itself');
});

test('what is unsound is named: holes, other classes, another scale', async (t) => {
  const failed = async (candidate: PictureModel) => {
    const { checks } = await judged(candidate, true);
    return checks.filter(({ answer }) => answer === 'failed').map(({ name }) => name);
  };
  const better = wrong(0.15);
  const hollow = model((depth, x, y, picture) =>
    x < 8 ? Number.POSITIVE_INFINITY : better(depth, x, y, picture),
  );
  t.true((await failed(hollow)).includes('no new holes'));
  t.deepEqual(await failed(model(better, (i) => i % 4)), ['same classes']);
  t.true((await failed(model((...pixel) => 1.3 * better(...pixel)))).includes('same scale'));
  t.true(
    (await failed(model((...pixel) => (pixel[1] === 0 ? Number.NaN : better(...pixel))))).includes('finite'),
  );
});
