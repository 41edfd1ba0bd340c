import { crc32 } from 'node:zlib';
import type { BagMessage, BagProblem, BagTopic, MessagesOptions } from '../../../msgs/bag/bag-reader.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import type { FixtureMessage } from './mcap/mcap-fixture.js';

export interface ReadBag {
  readonly messages: BagMessage[];
  readonly problems: readonly BagProblem[];
  readonly topics: readonly BagTopic[];
  readonly messageCount: number | undefined;
  readonly startNs: bigint | undefined;
  readonly endNs: bigint | undefined;
}

/** Opens, reads and closes a bag. */
export async function readAll(path: string, options?: MessagesOptions): Promise<ReadBag> {
  const bag = await openBag(path);
  const messages: BagMessage[] = [];
  for await (const message of bag.messages(options)) messages.push(message);
  await bag.close();
  const { problems, topics, messageCount, startNs, endNs } = bag;
  return { messages, problems, topics, messageCount, startNs, endNs };
}

/** A message as one comparable string. */
export function fingerprint(message: BagMessage | FixtureMessage): string {
  const data = 'cdr' in message ? message.cdr : message.data;
  return `${message.topic} ${message.logTimeNs} ${data.length} ${crc32(data)}`;
}
