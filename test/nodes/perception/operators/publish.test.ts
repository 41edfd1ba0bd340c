import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { firstValueFrom, from, toArray } from 'rxjs';
import { faultOf } from '../../../../nodes/perception/fault.js';
import type { EncodedFrame } from '../../../../nodes/perception/operators/encode.js';
import { publish } from '../../../../nodes/perception/operators/publish.js';
import { PipelineStatistics } from '../../../../nodes/perception/pipeline-statistics.js';
import type { OutputMessage, Sink } from '../../../../nodes/transport/transport.js';
import { delivered, testImage, testInfo } from '../../test-messages.js';

function encoded(topics: string[], release: () => void): EncodedFrame {
  const image = delivered(testImage(), '/image');
  const timings = { decodeMs: 0, inferMs: 0, encodeMs: 0 };
  const result = { width: 1, height: 1, messages: { depth: new Uint8Array() }, timings, release };
  const frame = {
    kind: 'frame',
    image,
    info: testInfo(),
    pairedBy: 'stamp',
    arrivedMs: 0,
    result,
    scale: { factor: 1, metric: true },
  } as const;
  return {
    kind: 'encoded',
    frame,
    messages: topics.map((topic) => ({ topic, cdr: new Uint8Array(), logTimeNs: 0n })),
  };
}

function sink(publishOne: (message: OutputMessage) => Promise<void>): Sink {
  return { advertise: async () => {}, publish: publishOne, close: async () => {} };
}

test('memory is given back only after the sink took all messages of a frame, and frames stay in order', async (t) => {
  const log: string[] = [];
  const slow = sink(async ({ topic }) => {
    await sleep(topic === 'a' ? 20 : 1);
    log.push(topic);
  });
  const frames = [
    encoded(['a', 'b'], () => log.push('released 1')),
    encoded(['c'], () => log.push('released 2')),
  ];
  await firstValueFrom(from(frames).pipe(publish(slow), toArray()));
  t.deepEqual(log, ['b', 'a', 'released 1', 'c', 'released 2']);
});

test('faults are counted and passed on', async (t) => {
  const statistics = new PipelineStatistics();
  const fault = faultOf('infer', delivered(testImage(), '/image'), new Error('broken'));
  const items = await firstValueFrom(
    from([fault]).pipe(
      publish(
        sink(async () => {}),
        { statistics },
      ),
      toArray(),
    ),
  );
  t.deepEqual(items, [fault]);
  t.is(statistics.faultCount, 1);
});

test('what is too old is not published: dropped, or left out where the frame was begun', async (t) => {
  const statistics = new PipelineStatistics();
  const topics: string[] = [];
  let released = 0;
  const into = sink(async ({ topic }) => void topics.push(topic));
  const outdated = () => 'too old';
  const first = publish(into, { statistics, keep: true, outdated });
  const frame = () => encoded(['a'], () => (released += 1));
  const dropped = await firstValueFrom(from([frame()]).pipe(first));
  t.like(dropped, { kind: 'fault', stage: 'late', reason: 'too old', dropped: true });
  const rest = publish(into, { outdated, onLeftOut: () => statistics.leftOut('motion') });
  t.is((await firstValueFrom(from([frame()]).pipe(rest))).kind, 'encoded');
  t.deepEqual([topics, released], [[], 2]);
  t.deepEqual([statistics.dropCount, statistics.faultCount], [1, 0]);
  t.is(statistics.stage('motion')?.drops, 1);
  // As a fault that comes from an earlier stage.
  await firstValueFrom(from([dropped]).pipe(first));
  t.deepEqual([statistics.dropCount, statistics.faultCount], [2, 0]);
});

test('an error of the sink ends the stream, after the memory was given back', async (t) => {
  let released = false;
  const full = sink(async () => {
    throw new Error('disk full');
  });
  const frame = encoded(['a'], () => (released = true));
  await t.throwsAsync(firstValueFrom(from([frame]).pipe(publish(full))), { message: 'disk full' });
  t.true(released);
});
