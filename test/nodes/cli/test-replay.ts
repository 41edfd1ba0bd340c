import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BagMessage } from '../../../msgs/bag/bag-reader.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import type { ReplayOptions } from '../../../nodes/cli/replay-options.js';
import type { ReplaySummary } from '../../../nodes/cli/replay-summary.js';
import { runReplay } from '../../../nodes/cli/run-replay.js';
import { CAMERA_INFO, IMAGE, logTime, type RecordedMessage, writeTestBag } from '../test-bag.js';
import { type TestImageOptions, testImage, testInfo } from '../test-messages.js';
import { writeTestModel } from '../test-model.js';

/** What every test of a replay has: a folder of its own, and a model in it. */
export interface ReplayContext {
  readonly folder: string;
  readonly model: string;
}

/** Makes both for a file of tests. */
export async function replayContext(): Promise<ReplayContext> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-replay-'));
  return { folder, model: await writeTestModel(path.join(folder, 'model')) };
}

/** Of the index-th picture, nanoseconds. */
export const stamp = (index: number) => logTime(index) - 5_000_000n;

/** The index-th picture of a test's drive. */
export function image(index: number, options: TestImageOptions = {}): RecordedMessage {
  const message = testImage({ stampNs: stamp(index), ...options });
  return { topic: '/camera/image_raw', type: IMAGE, logTimeNs: logTime(index), message };
}

/** Its camera_info. */
export function info(index: number, options: Parameters<typeof testInfo>[0] = {}): RecordedMessage {
  const message = testInfo({ stampNs: stamp(index), ...options });
  return { topic: '/camera/camera_info', type: CAMERA_INFO, logTimeNs: logTime(index) + 1n, message };
}

/** So many pictures with their camera_info. */
export function drive(frames: number): RecordedMessage[] {
  return Array.from({ length: frames }, (_, index) => [image(index), info(index)]).flat();
}

/** Replays messages with the test's model. @param stopOnProgress is aborted at the first line of progress. */
export async function replay(
  t: { readonly context: ReplayContext; readonly title: string },
  messages: readonly RecordedMessage[],
  change: Partial<ReplayOptions> = {},
  stopOnProgress?: AbortController,
): Promise<{ summary: ReplaySummary; output: BagMessage[]; progress: string }> {
  const name = t.title.replace(/\W+/g, '_').slice(0, 60);
  const bag = await writeTestBag(path.join(t.context.folder, name), messages);
  const output = path.join(t.context.folder, `${name}_out`);
  let progress = '';
  const { signal } = stopOnProgress ?? new AbortController();
  const write = (text: string) => {
    progress += text;
    if (/ frames /.test(text)) stopOnProgress?.abort();
  };
  const summary = await runReplay(
    {
      ...{
        bag,
        output,
        model: t.context.model,
        device: 'cpu',
        threads: 2,
        pointsStride: 4,
        depthEncoding: '32FC1',
      },
      ...{ pictureEvery: 10, images: false, overwrite: false, verbose: false },
      ...change,
    },
    { progress: { isTTY: stopOnProgress !== undefined, write }, signal },
  );
  return { summary, output: await readAll(change.output ?? output), progress };
}

async function readAll(bag: string): Promise<BagMessage[]> {
  const reader = await openBag(bag);
  const messages: BagMessage[] = [];
  for await (const message of reader.messages()) messages.push({ ...message, cdr: message.cdr.slice() });
  await reader.close();
  return messages;
}

export const NOTHING = new Uint8Array();
/** The messages of a topic. */
export const of = (output: readonly BagMessage[], topic: string) =>
  output.filter((message) => message.topic === topic);
