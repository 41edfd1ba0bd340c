import { BagWriter } from '../../msgs/bag/bag-writer.js';
import { codecFor } from '../../msgs/codecs.js';
import { NodeError } from '../../nodes/errors.js';
import { SECOND } from './test-messages.js';

/** A message for a test bag; `bytes` are written as they are. */
export interface RecordedMessage {
  readonly topic: string;
  readonly type: string;
  readonly logTimeNs: bigint;
  readonly message?: unknown;
  readonly bytes?: Uint8Array;
}

/** Writes messages into a bag folder, in the order given. */
export async function writeTestBag(
  folder: string,
  messages: readonly RecordedMessage[],
  topics: readonly { readonly topic: string; readonly type: string }[] = [],
): Promise<string> {
  const writer = await BagWriter.create(folder, { overwrite: true });
  const channels = new Map<string, number>();
  for (const { topic, type } of [...topics, ...messages]) {
    if (channels.has(topic)) continue;
    channels.set(topic, await writer.addTopic({ topic, type, definition: codec(type).definition }));
  }
  for (const { topic, type, logTimeNs, message, bytes } of messages) {
    await writer.write(channels.get(topic) ?? 0, bytes ?? codec(type).encode(message), logTimeNs);
  }
  await writer.close();
  return folder;
}

function codec(type: string) {
  const found = codecFor(type);
  if (found === undefined) throw new NodeError(`no codec for ${type}`);
  return found;
}

/** Log time of the n-th image of a test bag: 10 Hz from 100 s on. */
export const logTime = (index: number): bigint => 100n * SECOND + BigInt(index) * (SECOND / 10n);

export const IMAGE = 'sensor_msgs/msg/Image';
export const COMPRESSED = 'sensor_msgs/msg/CompressedImage';
export const CAMERA_INFO = 'sensor_msgs/msg/CameraInfo';
export const TF = 'tf2_msgs/msg/TFMessage';
