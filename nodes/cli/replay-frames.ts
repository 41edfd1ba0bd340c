import { cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { identity, ignoreElements, lastValueFrom, merge, mergeMap, tap } from 'rxjs';
import { hasScalableDepth } from '../../models/manifest.js';
import type { LoadedModel } from '../../models/model-store.js';
import { slowInt8 } from '../../models/slow-int8.js';
import type { BagMessage, BagReader } from '../../msgs/bag/bag-reader.js';
import type { BagCamera } from '../../msgs/bag/find-camera.js';
import type { CameraInfo } from '../../msgs/camera-info.js';
import { shownPlace } from '../../msgs/remote/remote-url.js';
import { NodeError } from '../errors.js';
import { CompressingSink } from '../perception/compressing-sink.js';
import type { InferenceEngine } from '../perception/engine/inference-engine.js';
import type { SwappableEngine } from '../perception/engine/swappable-engine.js';
import { FlowControl } from '../perception/flow-control.js';
import type { MotionEngine } from '../perception/motion/motion-engine.js';
import { DEFAULT_BAND } from '../perception/obstacles/default-band.js';
import { ObstacleRequests } from '../perception/obstacles/obstacle-requests.js';
import { OdometryOutput } from '../perception/odometry/odometry-output.js';
import { lossless } from '../perception/operators/lossless.js';
import { perceptionPipeline } from '../perception/perception-pipeline.js';
import { advertisements, perceptionTopics } from '../perception/perception-topics.js';
import { PipelineStatistics } from '../perception/pipeline-statistics.js';
import type { BagSink } from '../transport/bag/bag-sink.js';
import { bagSource } from '../transport/bag/bag-source.js';
import { advertiseCopies } from './advertise-copies.js';
import type { CurrentFollower } from './current-follower.js';
import { MOST_IN_FLIGHT } from './most-in-flight.js';
import { Pacer } from './pacer.js';
import type { PictureWriter } from './picture-writer.js';
import { ProgressLine } from './progress-line.js';
import type { ReplayOptions } from './replay-options.js';
import { ReplayReports } from './replay-reports.js';
import type { ReplayScale } from './replay-scale.js';
import type { ReplaySpan } from './replay-span.js';
import { replayStreams } from './replay-stream.js';
import type { ReplaySummary } from './replay-summary.js';
import type { ReplaySurroundings } from './replay-surroundings.js';

const NAMESPACE = '/rxdepth';
/** REP 105. */
const ODOMETRY_FRAME = 'odom';
/** Frames beyond those that keep the engine busy: one being read, one being written. */
const EXTRA_FRAMES = 2;
/** The histogram counts its own interval: stalls are overstated by at most this, milliseconds. */
const STALL_RESOLUTION_MS = 5;

/** What a replay has opened. */
export interface Replay {
  readonly options: ReplayOptions;
  readonly around: ReplaySurroundings;
  readonly reader: BagReader;
  readonly span: ReplaySpan;
  /** What was said before the span, and holds in it. */
  readonly held: readonly BagMessage[];
  readonly camera: BagCamera;
  /** Stands in for the camera_info topic. */
  readonly givenInfo: CameraInfo | undefined;
  readonly model: LoadedModel;
  readonly sink: BagSink;
  /** The engine that the replay begins with. */
  readonly first: InferenceEngine;
  readonly engine: SwappableEngine;
  /** Begins to follow the current version, where that is asked for. */
  readonly follow: (say: (text: string) => void) => CurrentFollower | undefined;
  readonly pictures: PictureWriter | undefined;
  readonly scale: ReplayScale;
  /** Compares frames; undefined where that is not wanted. */
  readonly motion: MotionEngine | undefined;
  /** What was warned of beside frames, and how often; it may grow. */
  readonly warnings: ReadonlyMap<string, number>;
}

/** Runs perception over all frames, and closes the output. */
export async function replayFrames(replay: Replay): Promise<ReplaySummary> {
  const { options, around, reader, span, held, camera, givenInfo, model, sink } = replay;
  const { first, engine, follow, pictures, scale, motion } = replay;
  const { manifest } = model;
  const { metric } = scale;
  const segments = manifest.classes.length > 0;
  const trusts = manifest.confidence !== undefined && options.confidence !== false;
  if (!trusts && (options.minConfidence ?? 0) > 0) throw new NodeError(noConfidence(manifest, options));
  const topics = perceptionTopics(NAMESPACE, {
    ...{ metric, model: manifest, motion: options.motion ?? false, obstacles: options.obstacles ?? false },
    confidence: trusts,
    tf: options.odometryTf === true || options.obstacles === true,
  });
  const outputs = advertisements(topics, options.compress);
  for (const topic of outputs) await sink.advertise(topic);
  const resultSink = new CompressingSink(sink, outputs);
  const copied = await advertiseCopies(reader, camera, sink, options.images);

  const odometry = new OdometryOutput({
    ...{ odometryFrame: ODOMETRY_FRAME, baseFrame: options.baseFrame ?? '', tf: options.odometryTf ?? false },
    mount: (base, camera) => scale.inputs.mount(base, camera),
  });
  const [lowest, highest] = options.obstacleHeights ?? [DEFAULT_BAND.lowest, DEFAULT_BAND.highest];
  const range = options.obstacleRange ?? DEFAULT_BAND.range;
  const band = options.obstacles ? { lowest, highest, range } : undefined;
  const total = Math.min(
    options.limit ?? Number.POSITIVE_INFINITY,
    // Nothing says how many images a part of a recording has.
    (span.part === undefined ? camera.messageCount : undefined) ?? Number.POSITIVE_INFINITY,
  );
  const progress = new ProgressLine(around.progress, Number.isFinite(total) ? total : undefined);
  const statistics = new PipelineStatistics((text) => progress.say(`warning: ${text}`));
  let [entered, framesOut] = [0, 0];
  const counts = () => ({
    framesIn: entered + (statistics.stage('read')?.faults ?? 0),
    framesOut,
    framesDropped: statistics.dropCount,
    framesFailed: statistics.faultCount,
  });
  const cpu = first.device === 'cpu' ? (cpus()[0]?.model ?? '') : '';
  const facts = { provider: first.device, device: cpu };
  const reports = new ReplayReports({
    ...{ sink, topics, facts, counts },
    manifest: () => engine.model.manifest,
    scale: scale.scale,
  });
  const follower = follow((text) => progress.say(text));

  const flow = new FlowControl(Math.min(MOST_IN_FLIGHT, first.capacity + EXTRA_FRAMES + (motion ? 1 : 0)));
  const pacer = options.rate === undefined ? undefined : new Pacer(options.rate);
  const recorded$ = bagSource(reader, {
    ...{ held, fromNs: span.fromNs, beforeNs: span.beforeNs },
    topics: [
      ...new Set([
        camera.topic,
        ...(camera.infoTopic ? [camera.infoTopic] : []),
        ...copied.keys(),
        ...scale.topics,
      ]),
    ],
    signal: around.signal,
    ready: async ({ logTimeNs }, ended) => {
      await flow.ready();
      await pacer?.due(logTimeNs, ended);
    },
  });
  const { limit } = options;
  // The first camera_info of the recording may hold no more.
  const infoIsHeld = held.some(({ topic }) => topic === camera.infoTopic);
  const { frame$, copy$ } = replayStreams(recorded$.pipe(tap(scale.feed)), {
    camera: infoIsHeld ? { ...camera, firstInfo: undefined } : camera,
    givenInfo,
    copied,
    limit,
    statistics,
  });
  const copies$ = copy$.pipe(
    mergeMap((message) => sink.publish(message)),
    ignoreElements(),
  );
  const frames$ = perceptionPipeline(
    frame$.pipe(
      around.operator ?? identity,
      tap(() => (entered += 1)),
    ),
    {
      ...{ engine, sink: resultSink, topics, flow, statistics, cameraKind: camera.kind, outOfOrder: 'keep' },
      admit: lossless(flow),
      wants: {
        depth: options.depthEncoding,
        labels: segments,
        confidence: trusts,
        ...(options.minConfidence !== undefined && { minConfidence: options.minConfidence }),
        pointStride: metric === false ? 0 : options.pointsStride,
        maps: motion !== undefined,
      },
      scale: scale.scale,
      ...(motion && {
        motion: {
          motion,
          classes: () => engine.model.manifest.classes,
          metersPerUnit: () => scale.scale.current.factor,
          odometry: () => odometry,
          tracks: () => topics.tracks !== undefined,
          ...(options.stabilize && { stabilize: true }),
          obstacles: new ObstacleRequests({
            band: () => band,
            mount: (camera) =>
              options.baseFrame === undefined ? undefined : scale.inputs.mount(options.baseFrame, camera),
          }),
          ...(scale.scale.source === 'lidar' && { scanAt: scale.inputs.scanAt.bind(scale.inputs) }),
        },
      }),
      before: async (frame) => {
        await reports.before(frame);
        await pictures?.add(frame);
      },
    },
  ).pipe(
    mergeMap(async (item) => {
      if (item.kind === 'encoded') {
        framesOut += 1;
        around.done?.();
        await reports.after(item);
      }
      progress.update(counts().framesFailed + framesOut, progressNote(options, statistics));
    }),
  );

  const stalls = monitorEventLoopDelay({ resolution: STALL_RESOLUTION_MS });
  stalls.enable();
  const startMs = performance.now();
  const startUsage = process.cpuUsage();
  try {
    await lastValueFrom(merge(copies$, frames$), { defaultValue: undefined });
    await reports.end();
  } finally {
    stalls.disable();
    progress.clear();
    await pictures?.close();
  }
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(startUsage);
  // Closed before it is summed up: an output that cannot be finished is no success.
  await sink.close();
  return {
    ...{
      bag: shownPlace(options.bag),
      imageTopic: camera.topic,
      infoTopic: camera.infoTopic,
      cameraKind: camera.kind,
    },
    ...(span.part && { part: span.part }),
    cameraReasons: camera.reasons,
    model: describe(model),
    ...(follower && { swaps: follower.swaps.map(({ to, frame }) => ({ model: describe(to), frame })) }),
    ...{ device: first.device, sessions: first.sessions, threadsPerSession: first.threadsPerSession },
    passedOver: options.device === 'auto' ? first.passedOver : [],
    modelHint: slowInt8(model.manifest, first.device),
    ...counts(),
    faults: statistics.faults,
    problems: reader.problems,
    warnings: [...statistics.warnings, ...[...replay.warnings].map(([text, count]) => ({ text, count }))],
    ...{
      seconds,
      processorSeconds: (user + system) / 1e6,
      stages: statistics.stages,
      longestStallMs: stalls.max / 1e6,
    },
    ...{ output: options.output, outputBytes: sink.bytes, topics: sink.counts },
    ...(metric === false && { withoutMetres: whyNoMetres(manifest, options) }),
    ...(pictures && {
      pictures: { folder: pictures.folder, count: pictures.written, failure: pictures.failure },
    }),
    interrupted: around.signal.aborted,
  };
}

function describe({ manifest, folder }: LoadedModel): string {
  return `${manifest.name} ${manifest.version} (${folder})`;
}

function whyNoMetres(manifest: LoadedModel['manifest'], { scale }: ReplayOptions): string {
  const why =
    scale === 'none' ? '`--scale none` gives none' : `the model ${manifest.name} tells relative depth alone`;
  const remedy = hasScalableDepth(manifest)
    ? '`--scale` with a factor, camera_height, odometry or lidar finds them'
    : 'import it with its scale and shift to have them (docs/import.md)';
  return `${why}; ${remedy}`;
}

function noConfidence({ name }: LoadedModel['manifest'], { confidence }: ReplayOptions): string {
  return confidence === false
    ? '`--min-confidence` needs the confidence that `--no-confidence` leaves out: give one of them.'
    : `\`--min-confidence\`: the model ${name} does not tell how far its depth may be trusted; leave it out, or take another model.`;
}

function progressNote({ verbose }: ReplayOptions, statistics: PipelineStatistics): string {
  const infer = verbose ? statistics.stage('infer') : undefined;
  const failed = statistics.faultCount;
  const notes = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(infer ? [`infer ${infer.p50Ms.toFixed(1)} ms`] : []),
  ];
  return notes.join(', ');
}
