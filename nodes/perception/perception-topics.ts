import type { Manifest } from '../../models/manifest.js';
import { compressedImageCodec } from '../../msgs/compressed-image.js';
import { COMPRESSED_TOPICS, type ImageCompression } from '../../msgs/picture/compress-image.js';
import type { OutputTopic } from '../transport/transport.js';
import { OUTPUT_ROWS, OUTPUTS, type OutputKey, type OutputNeed } from './outputs.js';

/** Full names of the topics that perception publishes. A topic that it cannot publish is absent. */
export type PerceptionTopics = { readonly [K in OutputKey]?: string } & { readonly status: string };

/** The facts that decide which outputs there are. */
export interface Offer {
  /** Whether the depth is in metres; `later`: once a scale is estimated. */
  readonly metric: boolean | 'later';
  /** The model's depth, classes and confidence. */
  readonly model: Pick<Manifest, 'depth' | 'classes' | 'confidence'>;
  /** Whether to publish the confidence; default true. */
  readonly confidence?: boolean;
  /** Whether frames are compared, which finds what moves. */
  readonly motion?: boolean;
  /** Whether to publish transforms. */
  readonly tf?: boolean;
  /** Whether to publish obstacles. */
  readonly obstacles?: boolean;
}

/** The topics under `namespace` (`/rxdepth`; empty: relative names). */
export function perceptionTopics(
  namespace: string,
  { metric, model, confidence = true, motion = false, tf = false, obstacles = false }: Offer,
): PerceptionTopics {
  const has: Readonly<Record<OutputNeed, boolean>> = {
    depth: model.depth.kind !== 'none',
    classes: model.classes.length > 0,
    confidence: confidence && model.confidence !== undefined,
    motion,
    tf,
    obstacles,
  };
  const prefix = namespace === '' ? '' : `${namespace.replace(/\/$/, '')}/`;
  const topics: { [K in OutputKey]?: string } = {};
  for (const [key, spec] of OUTPUT_ROWS) {
    if (spec.metric === 'only' && metric === false) continue;
    if (spec.metric === 'never' && metric === true) continue;
    if (!spec.needs.every((need) => has[need])) continue;
    topics[key] = spec.topic.startsWith('/') ? spec.topic : prefix + spec.topic;
  }
  return { ...topics, status: prefix + OUTPUTS.status.topic };
}

/** An output to announce to sinks, with its key in the table of outputs. */
export interface OfferedOutput extends OutputTopic {
  /** Name of the output in the code. */
  readonly key: OutputKey;
  /** Set if the output is another topic's images in compressed form: that topic, and the compression. */
  readonly compressionOf?: { readonly topic: string; readonly compression: ImageCompression };
}

/** Returns every topic with its type and definition, to be announced to sinks. @param compressed whether to add those of compressed images; default false */
export function advertisements(topics: PerceptionTopics, compressed = false): OfferedOutput[] {
  return OUTPUT_ROWS.flatMap(([key, { codec, latched = false, compression }]) => {
    const topic = topics[key];
    if (topic === undefined) return [];
    const { type, definition } = codec;
    const output = { key, topic, type, definition, latched };
    if (compression === undefined || !compressed) return [output];
    const { type: imageType, definition: imageDefinition } = compressedImageCodec;
    return [
      output,
      {
        ...{ key, topic: `${topic}/${COMPRESSED_TOPICS[compression]}`, type: imageType },
        ...{ definition: imageDefinition, latched: false, compressionOf: { topic, compression } },
      },
    ];
  });
}
