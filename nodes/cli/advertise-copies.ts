import type { BagReader, BagTopic } from '../../msgs/bag/bag-reader.js';
import type { BagCamera } from '../../msgs/bag/find-camera.js';
import { codecFor } from '../../msgs/codecs.js';
import type { BagSink } from '../transport/bag/bag-sink.js';

const TF_STATIC = '/tf_static';

/** Announces the topics that are copied as they are; returns their names and types. */
export async function advertiseCopies(
  reader: BagReader,
  camera: BagCamera,
  sink: BagSink,
  images: boolean,
): Promise<Map<string, string>> {
  const wanted = [TF_STATIC, camera.infoTopic, ...(images ? [camera.topic] : [])];
  const copied = new Map<string, string>();
  for (const topic of reader.topics) {
    const definition = definitionOf(topic);
    if (!wanted.includes(topic.topic) || definition === undefined) continue;
    await sink.advertise({
      topic: topic.topic,
      type: topic.type,
      definition,
      latched: topic.topic === TF_STATIC,
    });
    copied.set(topic.topic, topic.type);
  }
  return copied;
}

function definitionOf({ definition, type }: BagTopic): string | undefined {
  return definition !== undefined && definition !== '' ? definition : codecFor(type)?.definition;
}
