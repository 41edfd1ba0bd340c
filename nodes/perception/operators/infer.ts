import { Observable, type OperatorFunction } from 'rxjs';
import { EngineError } from '../engine/engine-error.js';
import type { CameraKind, InferenceRequest, InferenceResult, Wants } from '../engine/inference-request.js';
import { type Fault, faultOf } from '../fault.js';
import type { CameraFrame, FrameOrFault } from '../frame.js';
import type { PipelineStatistics } from '../pipeline-statistics.js';
import { inOrder } from './in-order.js';

/** What `infer` needs of an InferenceEngine. */
export interface Inferring {
  /** False when nothing can be computed any more. */
  readonly alive: boolean;
  infer(request: InferenceRequest): Promise<InferenceResult>;
}

export interface InferOptions {
  readonly cameraKind: CameraKind;
  readonly wants: Wants;
  /** Factor from the model's depth to metres, default 1. */
  readonly scale?: number;
  readonly statistics?: PipelineStatistics;
}

/** A frame with its results. Whoever takes it last calls `result.release()`. */
export interface InferredFrame extends CameraFrame {
  readonly result: InferenceResult;
}

/**
 * Decodes and computes frames in the engine's workers; results come in the order of the frames. A frame that cannot be
 * computed becomes a fault; the stream fails only when the engine is gone.
 */
export function infer(
  engine: Inferring,
  options: InferOptions,
): OperatorFunction<FrameOrFault, InferredFrame | Fault> {
  return inOrder((item) => (item.kind === 'fault' ? [item] : inferFrame(engine, options, item)));
}

function inferFrame(
  engine: Inferring,
  { cameraKind, wants, scale = 1, statistics }: InferOptions,
  frame: CameraFrame,
): Observable<InferredFrame | Fault> {
  return new Observable((subscriber) => {
    const startMs = performance.now();
    const { info } = frame;
    const emit = (item: InferredFrame | Fault) => {
      subscriber.next(item);
      subscriber.complete();
    };
    engine.infer({ image: frame.image.message, info, cameraKind, scale, wants }).then(
      (result) => {
        if (subscriber.closed) {
          result.release();
          return;
        }
        const { decodeMs, inferMs, encodeMs } = result.timings;
        statistics?.passed('decode', decodeMs);
        statistics?.passed('infer', inferMs);
        statistics?.passed('encode', encodeMs);
        statistics?.passed('engine', performance.now() - startMs);
        emit({ ...frame, result });
      },
      (error: unknown) => {
        if (error instanceof EngineError && !engine.alive) subscriber.error(error);
        else emit(faultOf('infer', frame.image, error));
      },
    );
  });
}
