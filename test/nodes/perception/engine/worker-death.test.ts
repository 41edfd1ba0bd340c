import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import anyTest, { type TestFn } from 'ava';
import { InferenceEngine } from '../../../../nodes/perception/engine/inference-engine.js';
import type { InferenceRequest } from '../../../../nodes/perception/engine/inference-request.js';
import { testImage, testInfo } from '../../test-messages.js';

const test = anyTest as TestFn<{ folder: string }>;

/** Answers every frame, dies over frames whose frame_id says so. */
const SCRIPT = `
import { parentPort, workerData } from 'node:worker_threads';
if (workerData.graphPath === 'refuse') { parentPort.postMessage({ kind: 'refused', message: 'no such model' }); parentPort.close(); }
else {
  parentPort.postMessage({ kind: 'ready', device: 'cpu', passedOver: [], warmUpMs: 0 });
  parentPort.on('message', (message) => {
    if (message.kind === 'close') parentPort.close();
    if (message.kind !== 'infer') return;
    const { id, header, image } = message.request;
    if (header.frame_id === 'exit') process.exit(7);
    if (header.frame_id === 'throw') throw new Error('out of memory');
    const timings = { decodeMs: 0, inferMs: 0, encodeMs: 0 };
    const messages = { depth: new Uint8Array(1) };
    parentPort.postMessage({ kind: 'result', id, width: 1, height: 1, messages, timings, input: image.bytes.buffer });
  });
}
`;

test.before(async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-death-'));
  await writeFile(path.join(folder, 'worker.mjs'), SCRIPT);
  t.context = { folder };
});

test.after.always((t) => rm(t.context.folder, { recursive: true }));

const script = (folder: string) => pathToFileURL(path.join(folder, 'worker.mjs'));

function request(frame_id = 'camera'): InferenceRequest {
  const wants = { depth: '32FC1', labels: true, pointStride: 4 } as const;
  return { image: testImage({ frame_id }), info: testInfo(), cameraKind: 'raw', scale: 1, wants };
}

test('a worker that dies rejects its frames and is replaced, until the restarts are used up', async (t) => {
  const restarts: string[] = [];
  const engine = await InferenceEngine.open({
    ...{ graphPath: 'x', device: 'cpu', threads: 1, restarts: 1, script: script(t.context.folder) },
    onRestart: ({ message }) => restarts.push(message),
  });
  await t.throwsAsync(engine.infer(request('exit')), { name: 'EngineError', message: /exit code 7/ });
  t.true(engine.alive);
  t.is(restarts.length, 1);
  t.is((await engine.infer(request())).width, 1);
  await t.throwsAsync(engine.infer(request('throw')), { name: 'EngineError', message: /out of memory/ });
  t.false(engine.alive);
  await t.throwsAsync(engine.infer(request()), { name: 'EngineError', message: /out of memory/ });
  await engine.close();
});

test('a model that the worker refuses is an error with its reason', async (t) => {
  const options = { graphPath: 'refuse', device: 'cpu', script: script(t.context.folder) } as const;
  await t.throwsAsync(InferenceEngine.open(options), { name: 'EngineError', message: 'no such model' });
});

test('closing ends whatever the state', async (t) => {
  const options = {
    graphPath: 'x',
    device: 'cpu',
    threads: 1,
    script: script(t.context.folder),
    restarts: 0,
  } as const;
  const engine = await InferenceEngine.open(options);
  const lost = engine.infer(request('exit'));
  await Promise.all([t.throwsAsync(lost), engine.close()]);
  await engine.close();
  t.pass();
});
