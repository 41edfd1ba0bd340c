import type { BagReader, BagTopic } from '../../../msgs/bag/bag-reader.js';
import { MessageError } from '../../../msgs/errors.js';
import type { MessageCodec } from '../../../msgs/message-codec.js';
import { type Stamp, stampToNs } from '../../../msgs/stamp.js';
import { TrainingError } from '../../errors.js';
import type { Stamped } from './match-stamps.js';

interface WithHeader {
  readonly header: { readonly stamp: Stamp };
}

/** Topics of which damaged messages were told: readers of one bag pass over it several times. */
const told = new WeakMap<BagReader, Set<string>>();

/**
 * The messages of one topic by the stamps of their headers, decoded one at a time while reading. Damaged ones are left out,
 * and `warn` is told once of each topic: how many, and what is wrong with the first.
 */
export async function* stampedMessages<T extends WithHeader>(
  bag: BagReader,
  topic: string,
  codec: MessageCodec<T>,
  warn: (text: string) => void = (text) => process.stderr.write(`rxdepth: ${text}\n`),
): AsyncGenerator<Stamped<T>> {
  let damaged = 0;
  let reason = '';
  for await (const { cdr } of bag.messages({ topics: [topic] })) {
    let value: T;
    try {
      value = codec.decode(cdr);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      if (damaged === 0) reason = error.message;
      damaged += 1;
      continue;
    }
    yield { stampNs: stampToNs(value.header.stamp), value };
  }
  const known = told.get(bag) ?? new Set();
  if (damaged === 0 || known.has(topic)) return;
  told.set(bag, known.add(topic));
  warn(`${bag.path}: ${damaged} damaged messages of ${topic} are left out; the first: ${reason}`);
}

/**
 * The named topic, or without a name the only candidate of the given types.
 * @param option the command-line option that names the topic, for the messages.
 * @throws TrainingError when the named topic is missing or has another type, or when there are several candidates.
 */
export function chooseTopic(
  bag: BagReader,
  types: readonly string[],
  option: string,
  name?: string,
  accept: (topic: BagTopic) => boolean = () => true,
): BagTopic | undefined {
  if (name !== undefined) {
    const found = bag.topics.find((topic) => topic.topic === name);
    if (found === undefined) {
      throw new TrainingError(
        `${bag.path} has no topic \`${name}\` (${option}); it has:\n${topicList(bag)}`,
        { topic: name, file: bag.path },
      );
    }
    if (!types.includes(found.type)) {
      throw new TrainingError(
        `${bag.path}: ${option} ${name} has type ${found.type}, expected \`${types.join('` or `')}\`.`,
        { file: bag.path },
      );
    }
    return found;
  }
  const candidates = bag.topics.filter((topic) => types.includes(topic.type) && accept(topic));
  if (candidates.length > 1) {
    const names = candidates.map((topic) => `  ${topic.topic}`).join('\n');
    throw new TrainingError(
      `${bag.path} has several topics that could be meant; choose one with ${option}:\n${names}`,
      { file: bag.path },
    );
  }
  return candidates[0];
}

/** One indented line for every topic of a bag, for error messages. */
export function topicList(bag: BagReader): string {
  if (bag.topics.length === 0) return '  (no topics)';
  return bag.topics.map(({ topic, type }) => `  ${topic} (${type})`).join('\n');
}
