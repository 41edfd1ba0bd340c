import { map, type OperatorFunction } from 'rxjs';
import { cameraInfoCodec } from '../../../msgs/camera-info.js';
import type { OutputMessage } from '../../transport/transport.js';
import type { Fault } from '../fault.js';
import { OUTPUT_ROWS, type OutputKey } from '../outputs.js';
import type { PerceptionTopics } from '../perception-topics.js';
import type { InferredFrame } from './infer.js';

/** A frame as messages. Their memory is the engine's: `frame.result.release()` gives it back, once all sinks are done. */
export interface EncodedFrame {
  /** Tells an encoded frame from a fault. */
  readonly kind: 'encoded';
  /** The frame with its results. */
  readonly frame: InferredFrame;
  /** The messages to publish. */
  readonly messages: readonly OutputMessage[];
  /** Set if nothing is made of the cloud after its publication, so that `trackMotion` leaves its memory where it is. */
  readonly cloudStays?: true;
  /** Time of publication, as performance.now(), milliseconds; absent until then. */
  readonly publishedMs?: number;
}

/** Messages whose memory `trackMotion` takes over. */
const TAKEN: readonly OutputKey[] = ['dynamic', 'points'];

/** Options of `encode`. */
export interface EncodeOptions {
  /** Whether `trackMotion` never follows, so that the memory of every message stays where it is; default false. */
  readonly uncompared?: boolean;
  /** Returns whether `trackMotion` shall make nothing of the cloud; default: never. It is called for every frame. */
  readonly cloudStays?: () => boolean;
}

/**
 * Assigns topics to the engine's messages, and adds the camera_info of the depth image: the input's, under the image's
 * header. The log time is the input's. Depth without a metric scale goes to `topics.relative` alone, and without a cloud. Messages
 * without a topic are left out. Faults pass unchanged.
 */
export function encode(
  topics: PerceptionTopics,
  { uncompared = false, cloudStays = () => false }: EncodeOptions = {},
): OperatorFunction<InferredFrame | Fault, EncodedFrame | Fault> {
  return map((item) => {
    if (item.kind === 'fault') return item;
    const { image, info, result, scale } = item;
    const { depth, confidence, labels, color, dynamic, points } = result.messages;
    const stays = cloudStays();
    const depthInfo = cameraInfoCodec.encode({ ...info, header: image.message.header });
    const messages = namedMessages(
      image.logTimeNs,
      topics,
      {
        // What is not in metres never appears under the metric names.
        ...(scale.metric ? { depth, points } : { relative: depth }),
        ...{ depthInfo, confidence, labels, color, dynamic },
      },
      (key) => (uncompared || !TAKEN.includes(key) || (stays && key === 'points') ? result.keep : undefined),
    );
    return { kind: 'encoded', frame: item, messages, ...(stays && { cloudStays: true }) };
  });
}

/** Messages that exist, on topics that exist. @param keepOf what keeps the memory of a message; none can be kept without */
export function namedMessages(
  logTimeNs: bigint,
  topics: { readonly [K in OutputKey]?: string },
  messages: { readonly [K in OutputKey]?: Uint8Array | undefined },
  keepOf: (key: OutputKey) => OutputMessage['keep'] = () => undefined,
): OutputMessage[] {
  return OUTPUT_ROWS.flatMap(([key]) => {
    const [topic, cdr] = [topics[key], messages[key]];
    if (topic === undefined || cdr === undefined) return [];
    const keep = keepOf(key);
    return [{ topic, cdr, logTimeNs, ...(keep && { keep }) }];
  });
}
