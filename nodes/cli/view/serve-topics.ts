import type { BagReader, BagTopic } from '../../../msgs/bag/bag-reader.js';
import { codecFor } from '../../../msgs/codecs.js';
import type { ViewHub } from '../../viewer/server/view-hub.js';

/** Topics whose messages hold for what comes later. */
const LATCHED = /durability: (transient_local|1)\b/;
const TF_STATIC = '/tf_static';

/**
 * Announces the topics of a bag that can be shown as they are: those in CDR whose definition is known.
 * @returns the latched ones
 */
export async function serveTopics(
  hub: ViewHub,
  { topics }: Pick<BagReader, 'topics'>,
  wanted: (topic: BagTopic) => boolean,
): Promise<ReadonlySet<string>> {
  const latched = new Set<string>();
  for (const topic of topics) {
    const definition = topic.definition ?? codecFor(topic.type)?.definition;
    if (!wanted(topic) || definition === undefined || topic.type === '') continue;
    if (topic.serialization !== 'cdr' && topic.serialization !== '') continue;
    const isLatched = topic.topic === TF_STATIC || LATCHED.test(topic.qos ?? '');
    if (isLatched) latched.add(topic.topic);
    await hub.advertise({ topic: topic.topic, type: topic.type, definition, latched: isLatched });
  }
  return latched;
}
