import { type MonoTypeOperatorFunction, type Observable, type OperatorFunction, pipe, tap } from 'rxjs';
import type { Sink } from '../transport/transport.js';
import type { Fault } from './fault.js';
import type { FlowControl } from './flow-control.js';
import type { FrameOrFault } from './frame.js';
import { calibrate } from './operators/calibrate.js';
import { checkOrder } from './operators/check-order.js';
import { dropOutdated, type Outdated } from './operators/drop-outdated.js';
import { encode } from './operators/encode.js';
import { type InferOptions, type InferredFrame, type Inferring, infer } from './operators/infer.js';
import { type PublishOptions, publish } from './operators/publish.js';
import { type ComparedFrame, type TrackMotionOptions, trackMotion } from './operators/track-motion.js';
import { validate } from './operators/validate.js';
import type { PerceptionTopics } from './perception-topics.js';
import type { PipelineStatistics } from './pipeline-statistics.js';
import type { MetricScale } from './scale/metric-scale.js';

/** Options of `perceptionPipeline`. */
export interface PipelineOptions extends InferOptions, Pick<PublishOptions, 'before'> {
  /** Computes the frames. */
  readonly engine: Inferring;
  /** Takes the messages. */
  readonly sink: Sink;
  /** Topics of the messages. */
  readonly topics: PerceptionTopics;
  /** Counts the frames in flight. */
  readonly flow: FlowControl;
  /** `lossless(flow)` or `latest(flow)`. Frames may be dropped here only. */
  readonly admit: MonoTypeOperatorFunction<FrameOrFault>;
  /** What to do with images that are not newer than the newest before; see `checkOrder`. */
  readonly outOfOrder: 'keep' | 'skip';
  /** Counts frames, faults and latencies. */
  readonly statistics: PipelineStatistics;
  /** Options of the comparison with earlier frames. Without it, nothing is judged to move and `dynamic/mask` is m_t alone. */
  readonly motion?: Omit<TrackMotionOptions, 'topics' | 'cameraKind' | 'statistics'>;
  /** Estimates the metric scale; absent: the model's own unit. */
  readonly scale?: MetricScale;
  /** Decides which frames are too old. A live pipeline drops them before inference and before publication. */
  readonly outdated?: Outdated;
}

/**
 * Builds the pipeline from paired frames to published messages. It emits every frame, or the fault in its place, at its end. The stream
 * fails with EngineError if the engine is gone, and with the error of a sink that cannot publish.
 */
export function perceptionPipeline(
  frame$: Observable<FrameOrFault>,
  options: PipelineOptions,
): Observable<ComparedFrame | Fault> {
  const { engine, flow, admit, outOfOrder, statistics, motion, scale, outdated = () => undefined } = options;
  let generation: number | undefined;
  return frame$.pipe(
    checkOrder({ outOfOrder, statistics }),
    validate(),
    calibrate({ cameraKind: options.cameraKind, statistics }),
    admit,
    dropOutdated(outdated),
    infer(engine, options),
    motion === undefined ? published(options) : publishedThenCompared(options, motion),
    tap((item) => {
      if (item.kind === 'fault') scale?.done(item.stampNs, undefined);
      else {
        // What another model's frames told is of no use.
        if (item.frame.result.generation !== generation) scale?.reset();
        generation = item.frame.result.generation;
        scale?.done(item.frame.image.stampNs, item.motion);
      }
      flow.leave();
    }),
  );
}

type Publishing = OperatorFunction<InferredFrame | Fault, ComparedFrame | Fault>;

function published({ sink, topics, statistics, before, outdated }: PipelineOptions): Publishing {
  const options = { statistics, ...(before && { before }), ...(outdated && { outdated }) };
  return pipe(encode(topics, { uncompared: true }), publish(sink, options));
}

/**
 * Depth does not wait for the comparison, unless it is to be steadied by it: what follows from that is published after the
 * rest.
 */
function publishedThenCompared(
  { sink, topics, statistics, cameraKind, before, outdated }: PipelineOptions,
  motion: NonNullable<PipelineOptions['motion']>,
): Publishing {
  const { dynamic: _, depth, relative, points, ...others } = topics;
  const first = motion.stabilize ? others : { ...others, depth, relative, points };
  return pipe(
    // To be steadied, it is made anew.
    encode(first, { cloudStays: () => motion.stabilize !== true && motion.cloud?.() === false }),
    publish(sink, { statistics, keep: true, ...(outdated && { outdated }) }),
    trackMotion({ ...motion, topics, cameraKind, statistics }),
    publish(sink, {
      ...(before && { before }),
      // A frame whose depth waited has not been published in part.
      ...(outdated && {
        outdated,
        ...(!motion.stabilize && { onLeftOut: () => statistics.leftOut('motion') }),
      }),
    }),
  );
}
