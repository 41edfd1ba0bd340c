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
    const { image, info, result } = item;
    const { depth, labels, color, dynamic, points } = result.messages;
    const depthInfo = cameraInfoCodec.encode({ ...info, header: image.message.header });
    const outputs: readonly (readonly [topic: string | undefined, cdr: Uint8Array | undefined])[] = [
      [topics.depth, depth],
      [topics.depthInfo, depthInfo],
      [topics.labels, labels],
      [topics.color, color],
      [topics.dynamic, dynamic],
      [topics.points, points],
    ];
    const messages: OutputMessage[] = [];
    for (const [topic, cdr] of outputs) {
      if (topic !== undefined && cdr !== undefined) messages.push({ topic, cdr, logTimeNs: image.logTimeNs });
    }
    return { kind: 'encoded', frame: item, messages };
  });
}
