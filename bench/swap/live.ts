import { monitorEventLoopDelay } from 'node:perf_hooks';
import { finalize, interval, lastValueFrom, map, Subject, takeUntil, tap } from 'rxjs';
import type { LoadedModel } from '../../models/model-store.js';
import { nsToStamp } from '../../msgs/stamp.js';
import { InferenceEngine } from '../../nodes/perception/engine/inference-engine.js';
import { SwappableEngine } from '../../nodes/perception/engine/swappable-engine.js';
import { FlowControl } from '../../nodes/perception/flow-control.js';
import type { FrameOrFault } from '../../nodes/perception/frame.js';
import { latest } from '../../nodes/perception/operators/latest.js';
import { perceptionPipeline } from '../../nodes/perception/perception-pipeline.js';
import { perceptionTopics } from '../../nodes/perception/perception-topics.js';
import { PipelineStatistics } from '../../nodes/perception/pipeline-statistics.js';
import type { Sink } from '../../nodes/transport/transport.js';
import { cameraInfo } from '../workload.js';
import { OutputClock } from './output-clock.js';

export interface LiveOutcome {
  readonly swaps: number;
  readonly seconds: number;
  readonly framesIn: number;
  readonly framesOut: number;
  /** By the drop policy: a newer frame was there. */
  readonly dropped: number;
  readonly failed: number;
  readonly longestGapMs: number;
  readonly longestStallMs: number;
  /** From a picture to its results, milliseconds. */
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/**
 * The node's pipeline (newest frame wins) behind a camera of `hz` images a second, all outputs wanted.
 * @param models taken in turn. @param swaps 0: none, for `seconds`.
 */
export async function live(options: {
  readonly models: readonly [LoadedModel, LoadedModel];
  readonly pictures: readonly Uint8Array[];
  readonly hz: number;
  readonly swaps: number;
  readonly seconds: number;
}): Promise<LiveOutcome> {
  const { models, pictures, hz, swaps, seconds } = options;
  const open = ({ graphPath }: LoadedModel) =>
    InferenceEngine.open({ graphPath, device: 'cpu', goal: 'latency' });
  const engine = new SwappableEngine(models[0], await open(models[0]));
  const statistics = new PipelineStatistics(() => {});
  const flow = new FlowControl(2);
  const clock = new OutputClock();
  const ended = new Subject<void>();
  let framesIn = 0;
  const camera$ = interval(1000 / hz).pipe(
    map((index): FrameOrFault => {
      framesIn += 1;
      const stampNs = BigInt(index + 1) * BigInt(Math.round(1e9 / hz));
      const header = { stamp: nsToStamp(stampNs), frame_id: 'camera' };
      const data = pictures[index % pictures.length] ?? new Uint8Array();
      const image = {
        ...{
          topic: 'image/compressed',
          type: 'sensor_msgs/msg/CompressedImage',
          stampNs,
          logTimeNs: stampNs,
        },
        message: { header, format: 'jpeg', data },
      };
      return {
        kind: 'frame',
        image,
        info: cameraInfo(header),
        pairedBy: 'stamp',
        arrivedMs: performance.now(),
      };
    }),
    takeUntil(ended),
  );
  const sink: Sink = { advertise: async () => {}, publish: async () => {}, close: async () => {} };
  const stalls = monitorEventLoopDelay({ resolution: 5 });
  stalls.enable();
  const startMs = performance.now();
  const frames = lastValueFrom(
    perceptionPipeline(camera$, {
      ...{ engine, sink, flow, statistics, outOfOrder: 'skip', cameraKind: 'raw' },
      topics: perceptionTopics('', { metric: models[0].manifest.depth.metric, model: models[0].manifest }),
      wants: { depth: '32FC1', labels: true, pointStride: 4 },
      admit: latest(flow, statistics),
    }).pipe(
      tap(({ kind }) => kind === 'encoded' && clock.tick()),
      finalize(() => stalls.disable()),
    ),
    { defaultValue: undefined },
  );
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await wait(1000);
  for (let swap = 1; swap <= swaps; swap++) {
    const model = models[swap % 2];
    await engine.swap({ model, engine: await open(model) });
  }
  await wait(swaps > 0 ? 1000 : seconds * 1000);
  ended.next();
  await frames;
  await engine.close();
  const total = statistics.stage('total');
  return {
    ...{ swaps: engine.generation, seconds: (performance.now() - startMs) / 1000, framesIn },
    ...{ framesOut: clock.count, dropped: statistics.dropCount, failed: statistics.faultCount },
    ...{ longestGapMs: clock.longestGapMs, longestStallMs: stalls.max / 1e6 },
    ...{ p50Ms: total?.p50Ms ?? Number.NaN, p95Ms: total?.p95Ms ?? Number.NaN },
  };
}
