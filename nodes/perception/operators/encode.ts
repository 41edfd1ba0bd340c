import { map, type OperatorFunction } from 'rxjs';
import { cameraInfoCodec } from '../../../msgs/camera-info.js';
import type { OutputMessage } from '../../transport/transport.js';
import type { Fault } from '../fault.js';
import type { PerceptionTopics } from '../perception-topics.js';
import type { InferredFrame } from './infer.js';

/** A frame as messages; `frame.result.release()` gives their memory back once all sinks are done. */
export interface EncodedFrame {
  readonly kind: 'encoded';
  readonly frame: InferredFrame;
  readonly messages: readonly OutputMessage[];
  /** performance.now() at which they were published; absent before. */
  readonly publishedMs?: number;
}

/**
 * Names the messages that the engine made, and adds the camera_info of the depth image: the input's, under the image's
 * header. Log time is the input's.
 */
export function encode(
  topics: PerceptionTopics,
): OperatorFunction<InferredFrame | Fault, EncodedFrame | Fault> {
  return map((item) => {
    if (item.kind === 'fault') return item;
    const { image, info, result, scale } = item;
    const { depth, labels, color, dynamic, points } = result.messages;
    const depthInfo = cameraInfoCodec.encode({ ...info, header: image.message.header });
    const messages = namedMessages(image.logTimeNs, [
      // What is not in metres never appears under the metric names.
      [scale.metric ? topics.depth : topics.relative, depth],
      [topics.depthInfo, depthInfo],
      [topics.labels, labels],
      [topics.color, color],
      [topics.dynamic, dynamic],
      [scale.metric ? topics.points : undefined, points],
    ]);
    return { kind: 'encoded', frame: item, messages };
  });
}

/** Messages that exist, on topics that exist. */
export function namedMessages(
  logTimeNs: bigint,
  outputs: readonly (readonly [topic: string | undefined, cdr: Uint8Array | undefined])[],
): OutputMessage[] {
  return outputs.flatMap(([topic, cdr]) =>
    topic === undefined || cdr === undefined ? [] : [{ topic, cdr, logTimeNs }],
  );
}
