import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Command } from 'commander';
import { register } from '../../../training/cli/evaluate.js';
import { TrainingError } from '../../../training/errors.js';
import { domainNamed } from '../../../training/simulator/domains.js';
import { simulateDrive } from '../../../training/simulator/drive.js';
import { DriveRecorder } from '../../../training/simulator/drive-recorder.js';
import {
  TEST_FOCAL,
  type TestModelOptions,
  testConfidence,
  testDisparity,
  writeTestModel,
} from '../../nodes/test-model.js';
import { write, writeColor, writeGrayPng } from '../datasets/files/write-gray-png.js';
import { DATE, DRIVE, writeKittiRaw } from '../datasets/kitti/kitti-tree.js';

async function setUp(t: ExecutionContext, model: TestModelOptions = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-evaluate-model-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const modelFolder = await writeTestModel(path.join(folder, 'model'), model);
  const json = path.join(folder, 'report.json');
  /** Runs `rxdepth evaluate` and gives the text and the report. */
  const evaluate = async (...args: string[]) => {
    const program = new Command('rxdepth').exitOverride();
    register(program);
    const written: string[] = [];
    const original = process.stdout.write;
    process.stdout.write = ((text: string) => written.push(text) > 0) as typeof process.stdout.write;
    try {
      const all = ['--model', modelFolder, '--json', json, '--overwrite', '--device', 'cpu', ...args];
      await program.parseAsync(['node', 'rxdepth', 'evaluate', ...all]);
    } finally {
      process.stdout.write = original;
    }
    return { text: written.join(''), report: JSON.parse(await readFile(json, 'utf8')) };
  };
  return { folder, evaluate };
}

test.serial(
  'a model is evaluated on KITTI raw: every figure is that worked out from its pictures',
  async (t) => {
    const { folder, evaluate } = await setUp(t, { trusts: true });
    const root = path.join(folder, 'kitti');
    await writeKittiRaw(root);
    const split = path.join(folder, 'eigen.txt');
    await write(split, [0, 1, 2, 3].map((i) => `${DATE}/${DRIVE} ${i} l`).join('\n'));
    const pictures = path.join(folder, 'pictures');
    const { text, report } = await evaluate(
      ...['--dataset', `kitti-raw:${root}`, '--split', split, '--median-scaling', 'off'],
      ...['--pictures', pictures, '--panel-every', '2'],
    );
    // 40 x 20 pixels of fx 10, fy 8 are 40 x 25 square ones; the network sees 64 x 32 of them: 1.28 times larger.
    const predicted = [1, 2, 3].map((i) => (10 * 1.28) / TEST_FOCAL / testDisparity((50 * i) / 3));
    const errors = predicted.map((depth, i) => Math.abs(depth - (11 + i)) / (11 + i));
    errors.push((80 - 10) / 10); // the black picture is beyond the model's range: it counts as the cap
    const mean = errors.reduce((sum, error) => sum + error, 0) / 4;
    t.true(
      Math.abs(report.depth.prediction.absRel - mean) < 1e-4,
      `${report.depth.prediction.absRel} ${mean}`,
    );
    t.is(report.depth.prediction.finiteShare, 0.75);
    t.is(report.confidence.pixels, 4);
    const said = [0, 1, 2, 3].map((i) => testConfidence((50 * i) / 3));
    const low = said.filter((share) => share < 0.1); // the tenths are looked at one by one
    const [tenth] = report.confidence.reliability;
    t.is(tenth.pixels, low.length);
    t.true(Math.abs(tenth.said - low.reduce((sum, share) => sum + share, 0) / low.length) < 1e-3);
    t.deepEqual(report.options, { capMeters: 80, crop: 'garg', medianScaling: false });
    t.is(report.dataset, 'KITTI raw, 4 frames of eigen.txt');
    t.is(report.depth.images[2].name, `${DATE}/${DRIVE} 2 l`);
    t.regex(
      text,
      /^test 3 \(.*model\) on KITTI raw, 4 frames of eigen\.txt\n\nDepth against LiDAR sweeps \(camera z\): 4 images, 4 pixels\n/,
    );
    t.deepEqual((await readdir(pictures)).sort(), [
      '2011_09_26_2011_09_26_drive_0002_sync_0_l.png',
      '2011_09_26_2011_09_26_drive_0002_sync_2_l.png',
    ]);
    const scaled = await evaluate(
      '--dataset',
      `kitti-raw:${root}?split=${split}`,
      '--limit',
      '2',
      '--cap',
      '50',
    );
    // One pixel a picture: the median makes it perfect; nothing is finite in the black one.
    t.true(Math.abs(scaled.report.depth.prediction.absRel - (50 - 10) / 10 / 2) < 1e-6);
    t.regex(scaled.text, /eigen\.txt, the first 2\n/);
  },
);

test.serial('a model is evaluated on Cityscapes: IoUs by hand, panels of the labels', async (t) => {
  const { folder, evaluate } = await setUp(t, { metric: false });
  const [root, pictures] = [path.join(folder, 'cityscapes'), path.join(folder, 'pictures')];
  const file = (kind: string, suffix: string) =>
    path.join(root, kind, 'val', 'ulm', `ulm_000000_000019_${suffix}.png`);
  await writeColor(file('leftImg8bit', 'leftImg8bit'), [32, 64], [184, 184, 184]); // label 13, car, everywhere
  const ids = new Uint8Array(32 * 64).fill(26);
  ids.fill(27, 0, 256); // an eighth is truck
  ids.fill(4, 256, 512); // an eighth is not evaluated
  await writeGrayPng(file('gtFine', 'gtFine_labelIds'), ids, 64);
  const { text, report } = await evaluate('--dataset', `cityscapes:${root}`, '--pictures', pictures);
  t.is(report.depth, undefined);
  const [nineteen, sixteen, , seven] = report.segmentation.classSets;
  t.is(nineteen.iou.car, 6 / 7);
  t.is(nineteen.meanIou, 3 / 7); // truck 0
  t.is(nineteen.pixelAccuracy, 6 / 7);
  t.is(nineteen.pixels, 7 * 256);
  t.is(sixteen.meanIou, 1);
  t.is(seven.iou.vehicle, 1);
  t.regex(text, /missing: 1 of 1 camera files \(intrinsics\) are missing/);
  t.deepEqual(await readdir(pictures), ['labels_ulm_000000_000019.png']);
});

test.serial(
  'a simulated drive and the bag that it was recorded to give the same figures, but for the jpegs',
  async (t) => {
    const { folder, evaluate } = await setUp(t);
    const options = {
      domain: domainNamed('town-clean'),
      seed: 5,
      frames: 2,
      width: 64,
      height: 32,
      frameRate: 10,
    };
    const recorder = await DriveRecorder.create(path.join(folder, 'drive'), {
      overwrite: false,
      startNs: 0n,
    });
    for (const frame of simulateDrive(options)) await recorder.write(frame);
    await recorder.close();
    const direct = await evaluate('--dataset', 'simulator:town-clean?frames=2&seed=5&width=64&height=32');
    const recorded = await evaluate('--dataset', `bag:${path.join(folder, 'drive')}`);
    t.is(direct.report.depth.prediction.images, 2);
    const everySecond = await evaluate('--dataset', `bag:${path.join(folder, 'drive')}?every=2`);
    t.deepEqual(everySecond.report.depth.images, [recorded.report.depth.images[0]], 'the first of two');
    t.is(everySecond.report.depth.constant.images, 1);
    t.true(direct.report.depth.prediction.pixels > 500);
    const [a, b] = [recorded.report, direct.report];
    t.is(a.depth.prediction.pixels, b.depth.prediction.pixels);
    t.deepEqual(a.depth.constant, b.depth.constant);
    t.is(a.segmentation.classSets[0].pixels, b.segmentation.classSets[0].pixels);
    // The bag's pictures are jpegs of quality 95.
    t.true(Math.abs(a.depth.prediction.absRel / b.depth.prediction.absRel - 1) < 0.01);
    t.true(
      Math.abs(a.segmentation.classSets[0].pixelAccuracy - b.segmentation.classSets[0].pixelAccuracy) < 0.02,
    );
  },
);

test.serial('a model without depth is evaluated by its labels alone', async (t) => {
  const { folder, evaluate } = await setUp(t, { depth: false });
  const dataset = ['--dataset', 'simulator:town-clean', '--limit', '1'];
  for (const scaling of ['on', 'off']) {
    const { text, report } = await evaluate(...dataset, '--median-scaling', scaling);
    t.is(report.depth, undefined);
    t.is(report.segmentation.images, 1);
    t.notRegex(text, /Depth:|AbsRel/);
  }
  const root = path.join(folder, 'kitti');
  await writeKittiRaw(root);
  await t.throwsAsync(evaluate('--dataset', `kitti-raw:${root}`), { message: /the model gives no depth/ });
});

test.serial('what cannot be evaluated is refused with the reason', async (t) => {
  const { folder, evaluate } = await setUp(t, { metric: false, segments: false });
  const root = path.join(folder, 'kitti');
  await writeKittiRaw(root);
  const refused = (args: string[], message: RegExp) =>
    t.throwsAsync(evaluate(...args), { instanceOf: TrainingError, message });
  await refused(['--dataset', `kitti-raw:${root}`, '--median-scaling', 'off'], /test gives relative depth/);
  await refused(
    ['--dataset', 'nuscenes:/data'],
    /--dataset: expected `simulator:DOMAIN`, .*`cityscapes:ROOT`, .*got `nuscenes:\/data`/,
  );
  await refused(
    ['--dataset', `kitti-raw:${root}?truth=stereo`],
    /`truth` to be one of `lidar`, .*, got `stereo`/,
  );
  await refused(['--dataset', `kitti-raw:${root}?truth=none`], /KITTI raw, 4 frames has no truth/);
  await refused(
    ['--dataset', `kitti-raw:${root}`, '--cap', '5'],
    /no pixel of the truth counts in any of 4 images/,
  );
  await refused([], /Give either the output of a replay and its truth/);
  await refused(['out'], /out needs something to be compared with: give `--truth BAG`/);
  await refused(['--dataset', `kitti-raw:${root}`, '--truth', 'bag'], /brings its own truth/);
});

test.serial(
  'NYUv2 and Make3D are evaluated by protocols of their own, unless others are asked for',
  async (t) => {
    const { folder, evaluate } = await setUp(t);
    const scene = path.join(folder, 'nyu', 'test', 'kitchen');
    await writeColor(path.join(scene, 'rgb_00001.png'), [48, 64], [100, 0, 0]);
    await writeGrayPng(path.join(scene, 'sync_depth_00001.png'), new Uint16Array(48 * 64).fill(4000), 64);
    const data = ['--dataset', `nyuv2:${path.join(folder, 'nyu')}`];
    const { text, report } = await evaluate(...data);
    t.deepEqual(report.options, { capMeters: 10, crop: 'nyuv2', medianScaling: false });
    t.regex(text, /NYUv2 test, 1 pictures/);
    // A tenth of Eigen's crop: rows 4 to 47 and columns 4 to 60.
    t.is(report.depth.prediction.pixels, (47 - 4) * (60 - 4));
    const other = await evaluate(...data, '--cap', '5', '--crop', 'none', '--median-scaling', 'on');
    t.deepEqual(other.report.options, { capMeters: 5, crop: 'none', medianScaling: true });
  },
);
