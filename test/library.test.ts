import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { InferenceSession, Tensor } from '../models/onnxruntime.js';
import { packageRoot } from '../models/package-root.js';
import { openBag } from '../msgs/bag/open-bag.js';
import { CAMERA_INFO, IMAGE, logTime, writeTestBag } from './nodes/test-bag.js';
import { testImage, testInfo } from './nodes/test-messages.js';

let folder = '';
test.before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-examples-'));
  await writeTestBag(
    path.join(folder, 'drive'),
    [0, 1].flatMap((index) => {
      const stampNs = logTime(index);
      return [
        { topic: '/camera/image', type: IMAGE, logTimeNs: stampNs, message: testImage({ stampNs }) },
        {
          topic: '/camera/camera_info',
          type: CAMERA_INFO,
          logTimeNs: stampNs,
          message: testInfo({ stampNs }),
        },
      ];
    }),
  );
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Runs an example as it stands in docs/examples, compiled. */
async function example(name: string, ...args: string[]): Promise<string> {
  const file = fileURLToPath(new URL(`../docs/examples/${name}.js`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args]);
  return stdout;
}

/** A script of its own that imports from the package, as a project does that depends on it. */
async function script(text: string): Promise<string> {
  const args = ['--input-type=module', '-e', text];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: packageRoot() });
  return stdout;
}

async function count(bag: string, topic: string): Promise<number> {
  const reader = await openBag(bag);
  let messages = 0;
  for await (const _ of reader.messages({ topics: [topic] })) messages += 1;
  await reader.close();
  return messages;
}

test('a custom operator changes the frames of a replay', async (t) => {
  t.timeout(600_000);
  const output = path.join(folder, 'perceived');
  t.is(await example('custom-operator', path.join(folder, 'drive'), output), `2 frames in ${output}\n`);
  t.is(await count(output, '/rxdepth/depth/image'), 2);
});

test('a bag is converted message by message', async (t) => {
  t.timeout(600_000);
  const output = path.join(folder, 'converted');
  t.regex(
    await example('convert-bag', path.join(folder, 'drive'), output),
    /^4 messages in .*, 0 problems\n$/,
  );
  const [before, after] = await Promise.all([openBag(path.join(folder, 'drive')), openBag(output)]);
  const bytes = async (reader: typeof before) => {
    const all: string[] = [];
    for await (const { topic, cdr, logTimeNs } of reader.messages())
      all.push(`${topic} ${logTimeNs} ${Buffer.from(cdr).toString('base64')}`);
    await reader.close();
    return all;
  };
  t.deepEqual(await bytes(after), await bytes(before));
});

test('a function of TensorFlow.js becomes an ONNX model that computes it', async (t) => {
  t.timeout(600_000);
  const file = path.join(folder, 'sobel.onnx');
  // By hand, second row: both columns beside the step see 1 + 2 + 1, the last one what lies beyond the picture, 0.
  t.is(await example('trace-function', file), '0 4 4 4\n');
  const session = await InferenceSession.create(await readFile(file));
  const image = Float32Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 0 : 1));
  const [input = ''] = session.inputNames;
  const [edges] = Object.values(await session.run({ [input]: new Tensor('float32', image, [1, 4, 4, 1]) }));
  t.deepEqual([...((edges?.data ?? []) as Float32Array)].slice(4, 8), [0, 4, 4, 4]);
  await session.release();
});

test('importing the package changes nothing of the process', async (t) => {
  t.timeout(600_000);
  const seen = await script(`
    import os from 'node:os';
    import v8 from 'node:v8';
    const { syncBuiltinESMExports, _extensions } = (await import('node:module')).default;
    const flags = [];
    v8.setFlagsFromString = (flag) => flags.push(flag);
    syncBuiltinESMExports();
    // libvips, which sharp loads, notes its own place in VIPSHOME. TensorFlow.js and zod keep registries of their own.
    const registries = /^(_tf|__zod_)/;
    const globals = () => Reflect.ownKeys(globalThis).map(String).filter((name) => !registries.test(name)).sort();
    const builtIn = [Object, Array, String, Number, BigInt, Promise, Map, Set, ArrayBuffer, Uint8Array, Float32Array, Error];
    const state = () => JSON.stringify([
      { ...process.env, VIPSHOME: undefined }, process.execArgv, process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
      os.getPriority(), process.cwd(), process.exitCode ?? null, flags, process.versions, process.umask(), process.title, globals(),
      builtIn.map((type) => [Reflect.ownKeys(type), Reflect.ownKeys(type.prototype)].map((keys) => keys.map(String))),
      Object.keys(_extensions), Error.stackTraceLimit, String(Error.prepareStackTrace), process.hasUncaughtExceptionCaptureCallback(),
    ]);
    const written = [];
    for (const stream of [process.stdout, process.stderr]) stream.write = (text) => written.push(String(text));
    const before = state();
    const faces = [];
    for (const face of ['rxdepth', 'rxdepth/msgs', 'rxdepth/operators', 'rxdepth/tracer'])
      faces.push(Object.keys(await import(face)).length);
    const sharp = (await import('sharp')).default;
    const same = state() === before;
    for (const stream of [process.stdout, process.stderr]) delete stream.write;
    console.log(JSON.stringify({ same, faces, written, cache: sharp.cache().memory.max }));
  `);
  const { same, faces, written, cache } = JSON.parse(seen);
  t.true(same);
  t.deepEqual(written, [], 'an import says nothing');
  t.true(
    faces.every((names: number) => names > 5),
    JSON.stringify(faces),
  );
  t.is(cache, 50, "libvips' own default");
});

test('CommonJS requires every face, and has the very same things as who imports it', async (t) => {
  t.timeout(600_000);
  const text = `
    const names = ['rxdepth', 'rxdepth/msgs', 'rxdepth/operators', 'rxdepth/tracer'];
    const required = names.map((name) => require(name));
    Promise.all(names.map((name) => import(name))).then((imported) => {
      const same = (face, i) => Object.keys(face).every((key) => face[key] === imported[i][key]);
      console.log(required.every(same), required.map((face) => Object.keys(face).length > 5).join());
    });
  `;
  const args = ['--input-type=commonjs', '-e', text];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: packageRoot() });
  t.is(stdout, 'true true,true,true,true\n');
});

test('a path that is no face of the package cannot be imported', async (t) => {
  await t.throwsAsync(script("await import('rxdepth/dist/msgs/errors.js')"), {
    message: /ERR_PACKAGE_PATH_NOT_EXPORTED/,
  });
  const { exports } = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8'));
  t.deepEqual(Object.keys(exports), ['.', './msgs', './operators', './tracer', './package.json']);
});
