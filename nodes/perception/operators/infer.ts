import { Observable, type OperatorFunction } from 'rxjs';
import { EngineError } from '../engine/engine-error.js';
import type { CameraKind, InferenceRequest, InferenceResult, Wants } from '../engine/inference-request.js';
import { type Fault, faultOf } from '../fault.js';
import type { CameraFrame, FrameOrFault } from '../frame.js';
import type { PipelineStatistics } from '../pipeline-statistics.js';
import type { FrameScale, MetricScale } from '../scale/metric-scale.js';
import { inOrder } from './in-order.js';

/** The part of an InferenceEngine that `infer` uses. */
export interface Inferring {
  /** Whether the engine can still compute. If false, `infer` rejects. */
  readonly alive: boolean;
  /**
   * Computes one frame.
   * @throws NodeError (as a rejection) if this frame cannot be computed; EngineError if the engine is gone.
   */
  infer(request: InferenceRequest): Promise<InferenceResult>;
}

/** Options of `infer`. */
export interface InferOptions {
  /** Whether the images are raw or rectified. */
  readonly cameraKind: CameraKind;
  /** The outputs to compute. */
  readonly wants: Wants;
  /** Gives the metric scale, once for every frame or fault; default: factor 1, the model's own unit taken for metres. */
  readonly scale?: Pick<MetricScale, 'next'>;
  /** Counts frames, faults and latencies. */
  readonly statistics?: PipelineStatistics;
}

/** A frame with its results. The last user of the frame calls `result.release()`. */
export interface InferredFrame extends CameraFrame {
  /** The results, in memory of the engine. */
  readonly result: InferenceResult;
  /** The factor on the model's depth that `result` was computed with, and whether it makes metres. */
  readonly scale: FrameScale;
}

const MODEL_UNIT: FrameScale = { factor: 1, metric: true };

/**
 * Decodes and computes frames in the engine's workers. Results come in the order of the frames. A frame that cannot be
 * computed becomes a fault of the stage `infer`. Faults pass in their place. The stream fails, with EngineError, only if the engine
 * is gone.
 */
export function infer(
  engine: Inferring,
  options: InferOptions,
): OperatorFunction<FrameOrFault, InferredFrame | Fault> {
  return inOrder((item) => {
    // Frames and faults alike: both are told to be done with.
    const scale = options.scale?.next() ?? MODEL_UNIT;
    return item.kind === 'fault' ? [item] : inferFrame(engine, options, item, scale);
  });
}

function inferFrame(
  engine: Inferring,
  { cameraKind, wants, statistics }: InferOptions,
  frame: CameraFrame,
  scale: FrameScale,
): Observable<InferredFrame | Fault> {
  return new Observable((subscriber) => {
    const startMs = performance.now();
    const { info } = frame;
    const emit = (item: InferredFrame | Fault) => {
      subscriber.next(item);
      subscriber.complete();
    };
    engine.infer({ image: frame.image.message, info, cameraKind, scale: scale.factor, wants }).then(
      (result) => {
        if (subscriber.closed) {
          result.release();
          return;
        }
        const { decodeMs, inferMs, encodeMs } = result.timings;
        for (const warning of result.warnings ?? []) statistics?.warned(warning, 'decode');
        statistics?.passed('decode', decodeMs);
        statistics?.passed('infer', inferMs);
        statistics?.passed('encode', encodeMs);
        statistics?.passed('engine', performance.now() - startMs);
        emit({ result, scale, ...frame });
      },
      (error: unknown) => {
        if (error instanceof EngineError && !engine.alive) subscriber.error(error);
        else emit(faultOf('infer', frame.image, error));
      },
    );
  });
}
