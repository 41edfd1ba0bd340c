import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { firstValueFrom, lastValueFrom, NEVER, of, startWith, toArray } from 'rxjs';
import { NodeError } from '../../../../nodes/errors.js';
import { EngineError } from '../../../../nodes/perception/engine/engine-error.js';
import type {
  InferenceRequest,
  InferenceResult,
} from '../../../../nodes/perception/engine/inference-request.js';
import type { CameraFrame } from '../../../../nodes/perception/frame.js';
import { type Inferring, infer } from '../../../../nodes/perception/operators/infer.js';
import { delivered, SECOND, testImage, testInfo } from '../../test-messages.js';

const options = { cameraKind: 'raw', wants: { depth: '32FC1', labels: true, pointStride: 4 } } as const;

function frame(second: number): CameraFrame {
  const image = delivered(testImage({ stampNs: BigInt(second) * SECOND }), '/image');
  return { kind: 'frame', image, info: testInfo(), pairedBy: 'stamp', arrivedMs: 0 };
}

function result(release = () => {}): InferenceResult {
  const timings = { decodeMs: 1, inferMs: 1, encodeMs: 1 };
  return { width: 1, height: 1, messages: { depth: new Uint8Array() }, timings, release };
}

function engine(work: (request: InferenceRequest) => Promise<InferenceResult>, alive = true): Inferring {
  return { alive, infer: work };
}

const second = ({ image }: InferenceRequest) => image.header.stamp.sec;

test('results keep the order of the frames although the engine finishes them in another', async (t) => {
  const working = engine(async (request) => {
    await sleep(second(request) === 1 ? 40 : 1);
    return result();
  });
  const items = await firstValueFrom(
    of(frame(1), frame(2), frame(3)).pipe(infer(working, options), toArray()),
  );
  t.deepEqual(
    items.map((item) => (item.kind === 'frame' ? item.image.stampNs / SECOND : 'fault')),
    [1n, 2n, 3n],
  );
});

test('a frame that the engine rejects becomes a fault, and the stream goes on', async (t) => {
  const working = engine(async (request) => {
    if (second(request) === 2) throw new NodeError('broken jpeg');
    return result();
  });
  const items = await firstValueFrom(
    of(frame(1), frame(2), frame(3)).pipe(infer(working, options), toArray()),
  );
  t.deepEqual(
    items.map((item) => (item.kind === 'fault' ? item.reason : item.kind)),
    ['frame', 'broken jpeg', 'frame'],
  );
});

test('an engine that died and was replaced costs its frame, a dead one ends the stream', async (t) => {
  const died = async () => {
    throw new EngineError('the inference worker died');
  };
  const replaced = await lastValueFrom(of(frame(1)).pipe(infer(engine(died, true), options)));
  t.is(replaced.kind, 'fault');
  await t.throwsAsync(lastValueFrom(of(frame(1)).pipe(infer(engine(died, false), options))), {
    instanceOf: EngineError,
  });
});

test('after an early unsubscribe the memory of results is given back', async (t) => {
  let released = 0;
  const working = engine(async () => {
    await sleep(10);
    return result(() => (released += 1));
  });
  const subscription = NEVER.pipe(startWith(frame(1), frame(2)), infer(working, options)).subscribe();
  subscription.unsubscribe();
  await sleep(30);
  t.is(released, 2);
});
