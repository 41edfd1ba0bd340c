import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Command } from 'commander';
import { BagWriter } from '../../../msgs/bag/bag-writer.js';
import { imageCodec } from '../../../msgs/image.js';
import { nsToStamp } from '../../../msgs/stamp.js';
import { register } from '../../../training/cli/evaluate.js';
import { TrainingError } from '../../../training/errors.js';

const [W, H] = [40, 20];

interface Content {
  readonly topic: string;
  readonly encoding: string;
  readonly data: Uint8Array;
}

async function writeBag(folder: string, contents: readonly Content[]): Promise<void> {
  const writer = await BagWriter.create(folder);
  for (const { topic, encoding, data } of contents) {
    const channel = await writer.addTopic({
      topic,
      type: imageCodec.type,
      definition: imageCodec.definition,
    });
    for (const stampNs of [0n, 100_000_000n]) {
      const header = { stamp: nsToStamp(stampNs), frame_id: 'camera' };
      const image = { header, height: H, width: W, encoding, is_bigendian: 0, step: data.length / H, data };
      await writer.write(channel, imageCodec.encode(image), stampNs);
    }
  }
  await writer.close();
}

async function setUp(
  t: ExecutionContext,
): Promise<{ folder: string; run: (...args: string[]) => Promise<string> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-evaluate-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const run = async (...args: string[]): Promise<string> => {
    const program = new Command('rxdepth').exitOverride();
    const written: string[] = [];
    const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
    register(program);
    const original = process.stdout.write;
    process.stdout.write = write as typeof process.stdout.write;
    try {
      await program.parseAsync(['node', 'rxdepth', 'evaluate', ...args]);
    } finally {
      process.stdout.write = original;
    }
    return written.join('');
  };
  return { folder, run };
}

const meters = Float32Array.from({ length: W * H }, (_, i) => 2 + (i % W));
const floats = (values: Float32Array) => new Uint8Array(values.slice().buffer);

test.serial(
  'a 16UC1 prediction is compared with the simulator, labels too, and the report is written',
  async (t) => {
    const { folder, run } = await setUp(t);
    const [output, truth, json] = ['output', 'truth', 'report.json'].map((name) =>
      path.join(folder, name),
    ) as [string, string, string];
    const millimetres = new Uint8Array(Uint16Array.from(meters, (value) => value * 1100).buffer);
    const labels = new Uint8Array(W * H).fill(13);
    await writeBag(output, [
      { topic: '/rxdepth/depth/image', encoding: '16UC1', data: millimetres },
      { topic: '/rxdepth/segmentation/labels', encoding: 'mono8', data: labels },
    ]);
    await writeBag(truth, [
      { topic: '/camera/depth', encoding: '32FC1', data: floats(meters) },
      { topic: '/camera/labels', encoding: 'mono8', data: labels },
    ]);
    const text = await run(
      output,
      '--truth',
      truth,
      '--median-scaling',
      'off',
      '--crop',
      'none',
      '--json',
      json,
    );
    t.regex(text, /prediction +0\.100/);
    t.regex(text, /19 \(\d+ occur\) +100\.0% +100\.0%/);
    const report = JSON.parse(await readFile(json, 'utf8'));
    t.is(report.depth.images.length, 2);
    t.true(Math.abs(report.depth.prediction.absRel - 0.1) < 1e-4);
    t.is(report.segmentation.classSets[0].meanIou, 1);
    t.deepEqual(report.options, { capMeters: 80, crop: 'none', medianScaling: false });
  },
);

test.serial('the confidence that a replay wrote is judged beside its depth', async (t) => {
  const { folder, run } = await setUp(t);
  const [output, truth, json] = ['output', 'truth', 'report.json'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  // Every other column is 1.9 times too far, and known to be.
  const depth = meters.map((value, i) => (i % 2 === 0 ? value : 1.9 * value));
  const confidence = meters.map((_, i) => (i % 2 === 0 ? 0.95 : 0.05));
  const contents = [
    { topic: '/rxdepth/depth/image', encoding: '32FC1', data: floats(depth) },
    { topic: '/rxdepth/depth/confidence', encoding: '32FC1', data: floats(confidence) },
  ];
  await writeBag(output, contents);
  await writeBag(truth, [{ topic: '/camera/depth', encoding: '32FC1', data: floats(meters) }]);
  const options = ['--truth', truth, '--median-scaling', 'off', '--crop', 'none', '--json', json];
  const text = await run(output, ...options);
  t.regex(text, /Confidence: 2 images; AUSE 0\.000 of AbsRel .*calibration error 5\.0 %/);
  const { confidence: judged } = JSON.parse(await readFile(json, 'utf8'));
  t.true(Math.abs(judged.sparsification[0] - 0.45) < 1e-6);
  t.is(judged.sparsification[10], 0);
  t.deepEqual([judged.reliability[0].within, judged.reliability[9].within], [0, 1]);
  await writeBag(path.join(folder, 'plain'), contents.slice(0, 1));
  t.notRegex(await run(path.join(folder, 'plain'), '--truth', truth, '--crop', 'none'), /Confidence/);
});

test.serial('a missing depth topic lists what the bag has; a cap that is no number is refused', async (t) => {
  const { folder, run } = await setUp(t);
  const truth = path.join(folder, 'truth');
  await writeBag(truth, [{ topic: '/camera/depth', encoding: '32FC1', data: floats(meters) }]);
  await t.throwsAsync(run(truth, '--truth', truth), {
    instanceOf: TrainingError,
    message: /no topic `\/rxdepth\/depth\/image` \(--depth\); it has:\n {2}\/camera\/depth/,
  });
  await t.throwsAsync(run(truth, '--truth', truth, '--cap', 'far'), {
    message: /'--cap <metres>' argument 'far' is invalid. expected a number above 0/,
  });
  await t.throwsAsync(
    run(truth, '--truth', truth, '--depth', '/camera/depth', '--json', path.join(folder, 'no', 'file')),
    {
      instanceOf: TrainingError,
      message: /report .* cannot be written/,
    },
  );
});

test.serial('options of the other way to evaluate are refused by name before anything is read', async (t) => {
  const { run } = await setUp(t);
  await t.throwsAsync(
    run('--dataset', 'simulator:town-clean', '--lidar', '/nope', '--intrinsics', '1,1,1,1'),
    {
      instanceOf: TrainingError,
      message: /^`--lidar`, `--intrinsics`: counts for the output of a replay/,
    },
  );
  await t.throwsAsync(run('nowhere', '--truth', 'nowhere', '--limit', '3', '--model', 'models/lite'), {
    instanceOf: TrainingError,
    message: /^`--model`, `--limit`: counts with `--dataset`/,
  });
});
