import type { BagTopic } from './bag-reader.js';
import type { ProblemLog } from './problem-log.js';
import { shown } from './shown.js';

/**
 * The topic list of every reader: one entry a topic, however many channels, table rows or files it is recorded in. Counts are added
 * up. Where a topic has several types, the list has the one with most messages, with its count. All types are reported.
 */
export function mergeTopics(topics: readonly BagTopic[], file: string, log: ProblemLog): BagTopic[] {
  const byName = new Map<string, BagTopic[]>();
  for (const topic of topics) {
    const same = byName.get(topic.topic);
    if (same === undefined) byName.set(topic.topic, [topic]);
    else same.push(topic);
  }
  const merged: BagTopic[] = [];
  for (const [name, same] of byName) {
    const byType = mergeByType(same);
    const [first] = byType;
    if (first === undefined) continue;
    merged.push(first);
    if (byType.length > 1) {
      const types = byType.map(({ type, messageCount }) => `${shown(type)} (${messageCount ?? 'some'})`);
      log.add({
        file,
        what: `topic ${shown(name)} has messages of several types: ${types.join(', ')}`,
        lost: `nothing by itself; the topic counts as ${shown(first.type)}, its other messages do not decode as that`,
      });
    }
  }
  return merged;
}

/** One entry a type, the one with most messages first. A type that is not known is that of the others. */
function mergeByType(topics: readonly BagTopic[]): BagTopic[] {
  const byType = new Map<string, BagTopic[]>();
  const known = topics.find(({ type }) => type !== '')?.type ?? '';
  for (const topic of topics) {
    const type = topic.type === '' ? known : topic.type;
    const same = byType.get(type);
    if (same === undefined) byType.set(type, [{ ...topic, type }]);
    else same.push({ ...topic, type });
  }
  const merged = [...byType.values()].map((same) => ({ ...same.reduce(completed), ...countOf(same) }));
  return merged.sort((a, b) => (b.messageCount ?? 0) - (a.messageCount ?? 0));
}

/** What the first says, and what only the other says. The count is neither's. */
function completed(first: BagTopic, other: BagTopic): BagTopic {
  const { messageCount: _, ...rest } = { ...other, ...first };
  return rest;
}

/** The sum, where every count is known. */
function countOf(topics: readonly BagTopic[]): { messageCount?: number } {
  let messageCount = 0;
  for (const topic of topics) {
    if (topic.messageCount === undefined) return {};
    messageCount += topic.messageCount;
  }
  return { messageCount };
}
