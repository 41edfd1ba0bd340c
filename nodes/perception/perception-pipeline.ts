import { type MonoTypeOperatorFunction, type Observable, tap } from 'rxjs';
import type { Sink } from '../transport/transport.js';
import type { Fault } from './fault.js';
import type { FlowControl } from './flow-control.js';
import type { FrameOrFault } from './frame.js';
import { checkOrder } from './operators/check-order.js';
import { type EncodedFrame, encode } from './operators/encode.js';
import { type InferOptions, type Inferring, infer } from './operators/infer.js';
import { type PublishOptions, publish } from './operators/publish.js';
import { validate } from './operators/validate.js';
import type { PerceptionTopics } from './perception-topics.js';
import type { PipelineStatistics } from './pipeline-statistics.js';

export interface PipelineOptions extends InferOptions, PublishOptions {
  readonly engine: Inferring;
  readonly sink: Sink;
  readonly topics: PerceptionTopics;
  readonly flow: FlowControl;
  /** `lossless(flow)` or `latest(flow)`: the only place where frames may be dropped. */
  readonly admit: MonoTypeOperatorFunction<FrameOrFault>;
  readonly outOfOrder: 'keep' | 'skip';
  readonly statistics: PipelineStatistics;
}

/** From paired frames to published messages; emits every frame, or the fault in its place, when it is done with. */
export function perceptionPipeline(
  frame$: Observable<FrameOrFault>,
  options: PipelineOptions,
): Observable<EncodedFrame | Fault> {
  const { engine, sink, topics, flow, admit, outOfOrder, statistics } = options;
  return frame$.pipe(
    checkOrder({ outOfOrder, statistics }),
    validate(),
    admit,
    infer(engine, options),
    encode(topics),
    publish(sink, options),
    tap(() => flow.leave()),
  );
}
