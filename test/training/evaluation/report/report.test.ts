import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import sharp from 'sharp';
import { labelInfoCodec } from '../../../../msgs/label-info.js';
import { perceptionStatusCodec } from '../../../../msgs/perception-status.js';
import { nsToStamp } from '../../../../msgs/stamp.js';
import { parseThreshold } from '../../../../training/evaluation/report/threshold.js';
import { writeOutputReport } from '../../../../training/evaluation/report/write-output-report.js';
import { runRxdepth } from '../../../bin/run-rxdepth.js';
import { CAMERA_INFO, IMAGE, logTime, type RecordedMessage, writeTestBag } from '../../../nodes/test-bag.js';
import { testInfo } from '../../../nodes/test-messages.js';

const test = anyTest as TestFn<{ folder: string }>;
const [WIDTH, HEIGHT, FRAMES] = [32, 16, 6];
/** Hostile, as names from strangers are. */
const NAME = 'road<script>alert(1)</script>';

test.before(async (t) => {
  t.context = { folder: await mkdtemp(path.join(tmpdir(), 'rxdepth-report-')) };
});
test.after.always((t) => rm(t.context.folder, { recursive: true }));

function depthMessage(topic: string, index: number, depth: (pixel: number) => number): RecordedMessage {
  const header = { stamp: nsToStamp(logTime(index)), frame_id: 'camera' };
  const meters = Float32Array.from({ length: WIDTH * HEIGHT }, (_, pixel) => depth(pixel));
  const message = {
    ...{ header, height: HEIGHT, width: WIDTH, encoding: '32FC1', is_bigendian: 0, step: WIDTH * 4 },
    data: new Uint8Array(meters.buffer),
  };
  return { topic, type: IMAGE, logTimeNs: logTime(index), message };
}

/** An output whose depth is 10 m, 11 m, 12.1 m, ...; a quarter of frame 3 has none. */
async function output(folder: string, factor = 1): Promise<string> {
  const messages = Array.from({ length: FRAMES }, (_, index): RecordedMessage[] => {
    const header = { stamp: nsToStamp(logTime(index)), frame_id: 'camera' };
    const labels = new Uint8Array(WIDTH * HEIGHT).fill(0, 0, 128).fill(13, 128);
    return [
      depthMessage('/rxdepth/depth/image', index, (pixel) =>
        index === 3 && pixel < (WIDTH * HEIGHT) / 4 ? Number.NaN : factor * 10 * 1.1 ** index,
      ),
      {
        ...{ topic: '/rxdepth/segmentation/labels', type: IMAGE, logTimeNs: logTime(index) },
        message: {
          header,
          height: HEIGHT,
          width: WIDTH,
          encoding: 'mono8',
          is_bigendian: 0,
          step: WIDTH,
          data: labels,
        },
      },
      {
        ...{ topic: '/rxdepth/status', type: perceptionStatusCodec.type, logTimeNs: logTime(index) },
        message: {
          ...{ header, model_name: 'test', model_version: '3', provider: 'cpu', device: 'a processor' },
          ...{
            input_rate_hz: 10,
            output_rate_hz: 10,
            frames_in: index + 1,
            frames_out: index + 1,
            frames_dropped: 2,
          },
          ...{ frames_failed: 1, latency_p50_ms: 40, latency_p95_ms: 50, scale: index % 2 === 0 ? 0.9 : 1.1 },
          ...{ scale_source: 'camera_height', dc_lambda: 0.5 },
        },
      },
    ];
  }).flat();
  const info = {
    header: { stamp: nsToStamp(0n), frame_id: '' },
    threshold: 0,
    class_map: [{ class_id: 0, class_name: NAME }],
  };
  const named = {
    topic: '/rxdepth/segmentation/label_info',
    type: labelInfoCodec.type,
    logTimeNs: logTime(0),
    message: info,
  };
  return await writeTestBag(folder, [named, ...messages]);
}

const flags = (file: string) => ({ output: file, truthLabels: '/camera/labels', crop: 'none' as const });
const json = async (file: string) => JSON.parse(await readFile(file.replace('.html', '.json'), 'utf8'));

test('figures are those that a hand computes', async (t) => {
  const file = path.join(t.context.folder, 'figures.html');
  const { missed } = await writeOutputReport(await output(path.join(t.context.folder, 'a')), flags(file));
  t.is(missed, 0);
  const { figures, model, frames, classes } = await json(file);
  t.is(model, 'test/3 on cpu');
  t.like(figures, {
    frames: FRAMES,
    seconds: 0.5,
    failed: 1,
    dropped: 2,
    damaged: 0,
    absRel: null,
    latencyMs: 40,
  });
  const near = (found: number, expected: number) =>
    t.true(Math.abs(found - expected) < 1e-5, `${found}, expected ${expected}`);
  near(figures.rateHz, 10);
  near(figures.longestGapS, 0.1);
  near(figures.coverage, (5 + 0.75) / 6);
  near(figures.leastCoverage, 0.75);
  // Every depth grows by a tenth from frame to frame.
  near(figures.flicker, Math.log(1.1));
  near(figures.scale, 1);
  near(figures.scaleSpread, 0.1);
  t.is(frames.length, FRAMES);
  t.is(frames[0].flicker, null);
  t.deepEqual(
    classes.map(({ share }: { share: number }) => share),
    [0.75, 0.25],
  );
});

test('the page stands alone, shows the worst frames, and nothing from a bag runs in it', async (t) => {
  const file = path.join(t.context.folder, 'page.html');
  await writeOutputReport(await output(path.join(t.context.folder, 'b')), flags(file));
  const page = await readFile(file, 'utf8');
  t.false(page.includes('<script'));
  t.true(page.includes('road&#60;script&#62;'));
  t.deepEqual([...page.matchAll(/(?:src|href)="(?!data:)/g)], [], 'nothing is loaded');
  t.regex(page, /fewest depths: 75.0 %/);
  t.true(page.includes('data:image/jpeg;base64,/9j/'));
});

test('worst frames show what the camera saw, where the output holds its pictures', async (t) => {
  const { folder } = t.context;
  const header = (index: number) => ({ stamp: nsToStamp(logTime(index)), frame_id: 'camera' });
  const pictures = Array.from({ length: FRAMES }, (_, index): RecordedMessage => {
    const size = { height: HEIGHT, width: WIDTH, encoding: 'bgr8', is_bigendian: 0, step: WIDTH * 3 };
    const data = new Uint8Array(WIDTH * HEIGHT * 3).map((_value, at) => (at % 3 === 2 ? 255 : 0));
    const message = { header: header(index), ...size, data };
    return { topic: '/camera/image_raw', type: IMAGE, logTimeNs: logTime(index), message };
  });
  const depths = Array.from({ length: FRAMES }, (_, index) =>
    depthMessage('/rxdepth/depth/image', index, () => 10 * 1.1 ** index),
  );
  for (const [name, messages, columns] of [
    ['seen', [...depths, ...pictures], 2],
    ['unseen', depths, 1],
  ] as const) {
    const file = path.join(folder, `${name}.html`);
    await writeOutputReport(await writeTestBag(path.join(folder, name), [...messages]), flags(file));
    const [, base64 = ''] = /data:image\/jpeg;base64,([^"]+)/.exec(await readFile(file, 'utf8')) ?? [];
    const { data, info } = await sharp(Buffer.from(base64, 'base64'))
      .raw()
      .toBuffer({ resolveWithObject: true });
    t.is(info.width, columns * 440 + (columns - 1) * 4);
    if (columns === 1) continue;
    // The camera comes first; its pictures are red.
    const at = (Math.floor(info.height / 2) * info.width + 200) * info.channels;
    t.true((data[at] ?? 0) > 230 && (data[at + 2] ?? 255) < 40, `${data.subarray(at, at + 3)}`);
  }
});

test('errors against truth, and the same of another output beside them', async (t) => {
  const { folder } = t.context;
  const truth = await writeTestBag(
    path.join(folder, 'truth'),
    Array.from({ length: FRAMES }, (_, index) => [
      depthMessage('/camera/depth', index, () => 10 * 1.1 ** index),
      {
        topic: '/camera/camera_info',
        type: CAMERA_INFO,
        logTimeNs: logTime(index),
        message: testInfo({ width: WIDTH, height: HEIGHT }),
      },
    ]).flat(),
  );
  const file = path.join(folder, 'against.html');
  const options = { ...flags(file), truth, against: await output(path.join(folder, 'd'), 2) };
  const bag = await output(path.join(folder, 'c'));
  const { text } = await writeOutputReport(bag, options);
  const { figures, against } = await json(file);
  // Exact but for the quarter of one of six frames that has no depth, which counts as far off.
  t.true(figures.absRel < 0.25, `${figures.absRel}`);
  t.true(Math.abs(figures.absRel - against.figures.absRel) < 1e-6, 'scaled by the median, both are alike');
  t.true(Math.abs(figures.scaleError - 1) < 1e-6);
  t.true(Math.abs(against.figures.scaleError - 0.5) < 1e-6, 'twice as far');
  t.regex(text, /scaleError +1 +0\.5/);
  t.regex(
    await readFile(file, 'utf8'),
    /scaleError<\/th><td>1<\/td><td>0\.5000<\/td><td>\+0\.5000 \(\+100\.0 %\)/,
  );
});

test('frames of a driver that gives all the same stamp are told apart, and counted as such', async (t) => {
  const { folder } = t.context;
  const header = { stamp: nsToStamp(0n), frame_id: 'camera' };
  const size = { height: HEIGHT, width: WIDTH, encoding: 'mono8', is_bigendian: 0, step: WIDTH };
  const messages = Array.from({ length: 4 }, (_, index): RecordedMessage[] => {
    const depth = depthMessage('/rxdepth/depth/image', index, (pixel) => (pixel < index ? Number.NaN : 10));
    const message = { ...(depth.message as object), header };
    const moving = new Uint8Array(WIDTH * HEIGHT).fill(255, 0, index * WIDTH);
    return [
      { ...depth, message },
      { ...depth, topic: '/rxdepth/dynamic/moving', message: { ...size, header, data: moving } },
    ];
  }).flat();
  const file = path.join(folder, 'stamps.html');
  const { text } = await writeOutputReport(await writeTestBag(path.join(folder, 'stamps'), messages), {
    ...flags(file),
    atLeast: [parseThreshold('rateHz=1', 'at least')],
  });
  const { figures, frames, thresholds } = await json(file);
  t.like(figures, { frames: 4, sharedStamps: 3, seconds: 0, rateHz: null, damaged: 0 });
  t.deepEqual(
    frames.map(({ coverage }: { coverage: number }) => Math.round((1 - coverage) * WIDTH * HEIGHT)),
    [0, 1, 2, 3],
  );
  t.deepEqual(
    frames.map(({ moving }: { moving: number }) => moving * HEIGHT),
    [0, 1, 2, 3],
  );
  t.false(thresholds[0].met, 'there is no rate');
  t.regex(text, /sharedStamps +3/);
  t.regex(await readFile(file, 'utf8'), /fewest depths: 99\.4 %/);
});

test('depth in millimetres has no coverage, and a threshold on it says why', async (t) => {
  const { folder } = t.context;
  const messages = Array.from({ length: 2 }, (_, index): RecordedMessage => {
    const depth = depthMessage('/rxdepth/depth/image', index, () => 10);
    const millimetres = new Uint16Array(WIDTH * HEIGHT).fill(10_000).fill(0, 0, (WIDTH * HEIGHT) / 4);
    const data = new Uint8Array(millimetres.buffer);
    return { ...depth, message: { ...(depth.message as object), encoding: '16UC1', step: WIDTH * 2, data } };
  });
  const file = path.join(folder, 'millimetres.html');
  const { missed, text } = await writeOutputReport(await writeTestBag(path.join(folder, 'mm'), messages), {
    ...flags(file),
    atLeast: [parseThreshold('coverage=0.9', 'at least'), parseThreshold('finiteShare=0.7', 'at least')],
  });
  t.is(missed, 1);
  t.regex(text, /missed: coverage is unknown, expected `at least 0\.9`/);
  t.regex(text, /mm: `coverage` and `leastCoverage` are unknown: depth in 16UC1 .*`finiteShare` is known/);
  t.regex(await readFile(file, 'utf8'), /depth in 16UC1 does not tell what is too far/);
  const { figures, notes } = await json(file);
  t.like(figures, { coverage: null, leastCoverage: null, finiteShare: 0.75 });
  t.is(notes.length, 1);
});

test('a threshold that is missed, or whose figure is unknown, is told; one that cannot be is refused', async (t) => {
  const file = path.join(t.context.folder, 'thresholds.html');
  const { missed, text } = await writeOutputReport(await output(path.join(t.context.folder, 'e')), {
    ...flags(file),
    atLeast: [parseThreshold('coverage=0.9', 'at least'), parseThreshold('rateHz=30', 'at least')],
    atMost: [parseThreshold('absRel=0.2', 'at most')],
  });
  t.is(missed, 2);
  t.regex(text, /missed: rateHz is 10\.?\d*, expected `at least 30`/);
  t.regex(text, /missed: absRel is unknown, expected `at most 0\.2`/);
  for (const wrong of ['coverage', 'nothing=1', 'coverage=', 'coverage=x', 'toString=1'])
    t.throws(
      () => parseThreshold(wrong, 'at least'),
      { name: 'TrainingError', message: /--at-least.*figures are frames/ },
      wrong,
    );
});

test('figures of something else beside the page are left alone, and the refusal names them', async (t) => {
  const { folder } = t.context;
  const file = path.join(folder, 'beside.html');
  const bag = await output(path.join(folder, 'g'));
  await writeFile(file.replace('.html', '.json'), '{"notes":"of mine"}');
  const error = await t.throwsAsync(writeOutputReport(bag, { ...flags(file), overwrite: true }), {
    name: 'TrainingError',
    message:
      /beside\.json, which `-o .*beside\.html` writes too, is not an earlier report: .*name another file/,
  });
  t.notRegex(error?.message ?? '', /--json/);
  t.deepEqual(await json(file), { notes: 'of mine' });
});

test('as a command: exit code 3 for thresholds, 1 for mistakes; nothing of a user is overwritten', async (t) => {
  t.timeout(300_000);
  const { folder } = t.context;
  const bag = await output(path.join(folder, 'f'));
  const file = path.join(folder, 'command.html');
  const report = (...args: readonly string[]) => runRxdepth(['report', bag, '-o', file, ...args]);
  t.is((await report('--at-least', 'coverage=0.5')).code, 0);
  const again = await report();
  t.is(again.code, 1);
  t.regex(again.stderr, /is an earlier report: name another file, or add `--overwrite`/);
  t.is((await report('--overwrite', '--at-least', 'coverage=0.99')).code, 3);
  await writeFile(file, 'notes of mine');
  const foreign = await report('--overwrite');
  t.is(foreign.code, 1);
  t.regex(foreign.stderr, /no earlier report, and is left alone/);
  t.is(await readFile(file, 'utf8'), 'notes of mine');
  const none = await runRxdepth([
    'report',
    path.join(folder, 'truth-less'),
    '-o',
    path.join(folder, 'x.html'),
  ]);
  t.is(none.code, 1);
  t.regex(none.stderr, /truth-less/);
});
