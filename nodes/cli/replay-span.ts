import type { BagMessage, BagReader } from '../../msgs/bag/bag-reader.js';
import { tfMessageCodec } from '../../msgs/tf-message.js';
import { NodeError } from '../errors.js';

/** How far before the start a camera_info is looked for at first, nanoseconds; then twice as far. */
const FIRST_LOOK_NS = 2_000_000_000n;

/** 30,000 years. */
const LONGEST_SECONDS = 1e12;

/** The part of a recording that is replayed: log times from `fromNs`, and before `beforeNs`. */
export interface ReplaySpan {
  readonly fromNs?: bigint;
  readonly beforeNs?: bigint;
  /** In seconds of the recording, for people; absent where all of it is replayed. */
  readonly part?: ReplayedPart;
}

/** Seconds from the first message of a recording on. */
export interface ReplayedPart {
  /** First second. */
  readonly from: number;
  /** Second before which it ends; absent: with the recording. */
  readonly to?: number;
}

interface SpanSeconds {
  /** Seconds from the recording's first message to the first one of the span; default: 0. */
  readonly start?: number | undefined;
  /** Seconds of the recording that the span has; default: up to the end. */
  readonly duration?: number | undefined;
}

/**
 * The span that users ask for in seconds, as `ros2 bag play --start-offset --playback-duration` counts them: from the first
 * message of any topic on. Its end is left out, so spans one after the other share no message.
 * @throws NodeError when it begins after the last message, or is no span of time.
 */
export async function replaySpan(
  reader: Pick<BagReader, 'startNs' | 'endNs' | 'messages' | 'path'>,
  { start, duration }: SpanSeconds,
): Promise<ReplaySpan> {
  if (start === undefined && duration === undefined) return {};
  if (start !== undefined && !(start >= 0 && start < Number.POSITIVE_INFINITY))
    throw new NodeError(`\`--start\`: expected \`a number of at least 0\`, got ${start}`, {
      field: '--start',
    });
  if (duration !== undefined && !(duration > 0 && duration < Number.POSITIVE_INFINITY))
    throw new NodeError(`\`--duration\`: expected \`a number above 0\`, got ${duration}`, {
      field: '--duration',
    });
  const firstNs = reader.startNs ?? (await firstLogTime(reader));
  if (firstNs === undefined) return {};
  const fromNs = firstNs + nanoseconds(start ?? 0);
  if (reader.endNs !== undefined && fromNs > reader.endNs) {
    const length = Number(reader.endNs - firstNs) / 1e9;
    throw new NodeError(
      `\`--start ${start}\`: expected \`less than the length of the recording\`, and ${reader.path} has ${length.toFixed(1)} s`,
      { field: '--start', file: reader.path },
    );
  }
  const from = start ?? 0;
  return {
    ...(from > 0 && { fromNs }),
    ...(duration !== undefined && { beforeNs: fromNs + nanoseconds(duration) }),
    part: { from, ...(duration !== undefined && { to: from + duration }) },
  };
}

interface HeldTopics {
  /** Its last message before the span. */
  readonly infoTopic: string | undefined;
  /** All of its messages before the span. */
  readonly staticTopic: string;
}

/**
 * What was said before a span begins and still holds in it: the last camera_info, and the static transforms, the last one of
 * each frame. The log time of each is that of the span's begin, so that players hand it out before the first image.
 */
export async function heldMessages(
  reader: Pick<BagReader, 'messages' | 'topics' | 'startNs'>,
  fromNs: bigint,
  { infoTopic, staticTopic }: HeldTopics,
  signal: AbortSignal,
): Promise<BagMessage[]> {
  const has = (name: string | undefined): name is string => reader.topics.some(({ topic }) => topic === name);
  const transforms = has(staticTopic) ? await lastTransforms(reader, fromNs, staticTopic, signal) : [];
  const info = has(infoTopic) ? await lastBefore(reader, fromNs, infoTopic, signal) : undefined;
  return [...transforms, ...(info === undefined ? [] : [info])].map((message) => ({
    ...message,
    logTimeNs: fromNs,
  }));
}

/** Messages of which each has a transform that no later one repeats. What cannot be decoded is told where it is used. */
async function lastTransforms(
  reader: Pick<BagReader, 'messages'>,
  fromNs: bigint,
  topic: string,
  signal: AbortSignal,
): Promise<BagMessage[]> {
  const byFrame = new Map<string, BagMessage>();
  const odd: BagMessage[] = [];
  // From 0 on: such a reading counts nothing, and does not look at the whole file at its end.
  for await (const message of reader.messages({ topics: [topic], fromNs: 0n, signal })) {
    if (message.logTimeNs >= fromNs) break;
    const kept = { ...message, cdr: message.cdr.slice() };
    try {
      const { transforms } = tfMessageCodec.decode(message.cdr);
      for (const { child_frame_id } of transforms) byFrame.set(child_frame_id, kept);
    } catch {
      odd.push(kept);
    }
  }
  const held = [...new Set([...odd, ...byFrame.values()])];
  return held.sort((a, b) => (a.logTimeNs < b.logTimeNs ? -1 : a.logTimeNs > b.logTimeNs ? 1 : 0));
}

/** A stream is met in the first look; what was sent once, in a look that reaches back to it. */
async function lastBefore(
  reader: Pick<BagReader, 'messages' | 'startNs'>,
  endNs: bigint,
  topic: string,
  signal: AbortSignal,
): Promise<BagMessage | undefined> {
  const { startNs = 0n } = reader;
  for (let lookNs = FIRST_LOOK_NS; ; lookNs *= 2n) {
    const fromNs = endNs > lookNs ? endNs - lookNs : 0n;
    let last: BagMessage | undefined;
    for await (const message of reader.messages({ topics: [topic], fromNs, signal })) {
      if (message.logTimeNs >= endNs) break;
      last = message;
    }
    if (last !== undefined) return { ...last, cdr: last.cdr.slice() };
    if (fromNs <= startNs || signal.aborted) return undefined;
  }
}

async function firstLogTime(reader: Pick<BagReader, 'messages'>): Promise<bigint | undefined> {
  for await (const { logTimeNs } of reader.messages({ fromNs: 0n })) return logTimeNs;
  return undefined;
}

function nanoseconds(seconds: number): bigint {
  return BigInt(Math.round(Math.min(seconds, LONGEST_SECONDS) * 1e9));
}
