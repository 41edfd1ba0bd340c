import type { Manifest } from '../../models/manifest.js';
import type { OutputTopic } from '../transport/transport.js';
import { OUTPUT_ROWS, OUTPUTS, type OutputKey, type OutputNeed } from './outputs.js';

/** Full names of what perception publishes; what it cannot publish is absent. */
export type PerceptionTopics = { readonly [K in OutputKey]?: string } & { readonly status: string };

/** What decides which outputs there are. */
export interface Offer {
  /** Whether the depth is in metres; `later`: as soon as a scale was estimated. */
  readonly metric: boolean | 'later';
  readonly model: Pick<Manifest, 'depth' | 'classes' | 'confidence'>;
  /** Whether its confidence is wanted; it is where left out. */
  readonly confidence?: boolean;
  /** Whether frames are compared, so that what moves is told from what stands. */
  readonly motion?: boolean;
  /** Whether transforms are wanted. */
  readonly tf?: boolean;
  /** Whether obstacles are. */
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

/** An output as sinks want it announced, with its key in the table. */
export interface OfferedOutput extends OutputTopic {
  readonly key: OutputKey;
}

/** Type and definition of every topic. */
export function advertisements(topics: PerceptionTopics): OfferedOutput[] {
  return OUTPUT_ROWS.flatMap(([key, { codec, latched = false }]) => {
    const topic = topics[key];
    const { type, definition } = codec;
    return topic === undefined ? [] : [{ key, topic, type, definition, latched }];
  });
}
