import { cpus } from 'node:os';
import { filter, fromEvent, lastValueFrom, merge, mergeMap, Subject, share, takeUntil, tap } from 'rxjs';
import { type LoadedModel, loadModel } from '../../../models/model-store.js';
import { resolveModel } from '../../../models/resolve-model.js';
import { formatVersionId } from '../../../models/versions/version-id.js';
import { VersionStore } from '../../../models/versions/version-store.js';
import { findCamera } from '../../../msgs/bag/find-camera.js';
import { firstImageSize } from '../../../msgs/bag/first-image-size.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { givenCameraInfo } from '../../../msgs/camera/given-camera-info.js';
import { NodeError } from '../../errors.js';
import { InferenceEngine } from '../../perception/engine/inference-engine.js';
import { SwappableEngine } from '../../perception/engine/swappable-engine.js';
import { FlowControl } from '../../perception/flow-control.js';
import { MotionEngine } from '../../perception/motion/motion-engine.js';
import { DEFAULT_BAND } from '../../perception/obstacles/default-band.js';
import { ObstacleRequests } from '../../perception/obstacles/obstacle-requests.js';
import { OdometryOutput } from '../../perception/odometry/odometry-output.js';
import { latest } from '../../perception/operators/latest.js';
import { OUTPUTS, type OutputKey } from '../../perception/outputs.js';
import { perceptionPipeline } from '../../perception/perception-pipeline.js';
import { advertisements, perceptionTopics } from '../../perception/perception-topics.js';
import { PipelineStatistics } from '../../perception/pipeline-statistics.js';
import { isEstimated } from '../../perception/scale/scale-source.js';
import { wantsFor } from '../../perception-node/loaded-perception.js';
import { bagSource } from '../../transport/bag/bag-source.js';
import { playWhenSeen } from '../../viewer/playback/play-when-seen.js';
import { PlaybackClock } from '../../viewer/playback/playback-clock.js';
import { AdaptationBoard } from '../../viewer/server/adaptation-board.js';
import { ModelBoard } from '../../viewer/server/model-board.js';
import { machineChoice } from '../../viewer/server/model-choice.js';
import { ViewHub } from '../../viewer/server/view-hub.js';
import { CurrentFollower } from '../current-follower.js';
import { ReplayReports } from '../replay-reports.js';
import { replayScale } from '../replay-scale.js';
import { replayStreams } from '../replay-stream.js';
import { unfitModel } from '../unfit-model.js';
import { DamageTold } from './damage-told.js';
import { serveTopics } from './serve-topics.js';
import type { View } from './view.js';
import type { BagViewOptions } from './view-options.js';

const NAMESPACE = '/rxdepth';
/** What belongs to a frame may be logged so long before it: its camera_info. */
const LEAD_IN_NS = 500_000_000n;
/** Of a bag's messages: their memory is never written again. */
const KEPT = () => () => {};
/** REP 105. */
const ODOMETRY_FRAME = 'odom';

/**
 * A recording that is replayed while somebody looks: at its own pace, the newest frame first, and only what is looked at is
 * computed.
 * @throws MessageError, ModelError, NodeError
 */
export async function openBagView(options: BagViewOptions, say: (text: string) => void): Promise<View> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const reader = await openBag(options.bag);
    closers.push(() => reader.close());
    const damage = new DamageTold(reader, say);
    damage.look();
    const camera = await findCamera(reader, { ...options, intrinsics: options.intrinsics !== undefined });
    const givenInfo =
      options.intrinsics && givenCameraInfo(options.intrinsics, await firstImageSize(reader, camera));
    const { startNs, endNs } = reader;
    if (startNs === undefined || endNs === undefined) throw new NodeError(`${options.bag} holds no messages`);

    const model = await loadModel(await resolveModel(options.model));
    const notice$ = new Subject<string>();
    const told = new Set<string>();
    const warn = (text: string) => {
      if (told.has(text)) return;
      told.add(text);
      say(text);
      notice$.next(text);
    };
    const flowWindow = 3;
    const scaled = replayScale({ options, reader, manifest: model.manifest, lag: flowWindow, warn });
    const { scale, metric } = scaled;
    const topics = perceptionTopics(NAMESPACE, {
      ...{
        metric,
        model: model.manifest,
        motion: options.motion,
        obstacles: options.motion,
        tf: options.motion,
      },
    });
    const outputs = advertisements(topics);

    const hub = new ViewHub();
    for (const output of outputs) await hub.advertise(output);
    const latched = await serveTopics(
      hub,
      reader,
      // Video of other cameras would be decoded all the time.
      ({ topic, recordedAs }) =>
        !outputs.some((output) => output.topic === topic) &&
        (recordedAs === undefined || topic === camera.topic),
    );
    const served = new Set(hub.channels.map(({ topic }) => topic));
    const heard = (...keys: readonly OutputKey[]) =>
      keys.some((key) => {
        const topic = topics[key];
        return topic !== undefined && hub.listenersOf(topic) > 0;
      });
    const anybodyLooks = () =>
      outputs.some(({ key, topic }) => OUTPUTS[key].of === 'frame' && hub.listenersOf(topic) > 0);

    const { device, threads } = options;
    const decoding = { bitDepth: options.bitDepth, mostPixels: options.maxPixels };
    const open = ({ graphPath }: LoadedModel) =>
      InferenceEngine.open({
        ...{ graphPath, device, decoding, goal: 'latency', ...(threads !== undefined && { threads }) },
        onRestart: (error) => warn(`${error.message}; it was started again`),
      });
    const first = await open(model);
    const wanted = {
      ...({
        depth_encoding: '32FC1',
        min_confidence: 0,
        stabilize: false,
        points_stride: options.pointsStride,
        motion: options.motion,
      } as const),
      scale_source: scale.source,
    };
    const engine = new SwappableEngine(model, first, {
      settings: () => ({ wants: wantsFor({ outputs }, wanted, (topic) => hub.listenersOf(topic)) }),
    });
    closers.push(() => engine.close());
    const motion = options.motion || isEstimated(scale.source) ? new MotionEngine() : undefined;
    if (motion !== undefined) closers.push(() => motion.close());

    const clock = new PlaybackClock({
      ...{ startNs, endNs },
      ...(options.speed !== undefined && { speed: options.speed }),
      ...(options.paused !== undefined && { paused: options.paused }),
    });
    hub.demand$.subscribe(() => clock.refresh());
    const store = new VersionStore();
    const models = new ModelBoard({
      ...{ store, choice: machineChoice(store) },
      running: () => formatVersionId(engine.model.manifest),
      follows: () => options.model === undefined,
    });
    const change$ = new Subject<void>();
    engine.swap$.subscribe(() => {
      models.changed();
      change$.next();
      clock.refresh();
    });
    if (options.model === undefined) {
      const follower = new CurrentFollower({
        ...{ store, engine, open },
        unfit: (running, next) => unfitModel(running, next, 'open the view again to see it'),
        say: (text) => {
          say(text);
          notice$.next(text);
          models.changed();
        },
      });
      closers.push(() => follower.stop());
    }

    const statistics = new PipelineStatistics(warn, {
      failed: ({ reason }) => warn(`a frame has no result: ${reason}`),
    });
    const facts = { provider: first.device, device: first.device === 'cpu' ? (cpus()[0]?.model ?? '') : '' };
    const pass = async (fromNs: bigint, signal: AbortSignal): Promise<void> => {
      // What frames of another time tell is of no use.
      scale.reset();
      const flow = new FlowControl(flowWindow);
      // Rates and counts are those of this reading.
      const counts = { in: 0, out: 0 };
      const before = { dropped: statistics.dropCount, failed: statistics.faultCount };
      const reports = new ReplayReports({
        ...{ sink: hub, topics, facts, scale },
        manifest: () => engine.model.manifest,
        counts: () => ({
          ...{ framesIn: counts.in, framesOut: counts.out },
          ...{
            framesDropped: statistics.dropCount - before.dropped,
            framesFailed: statistics.faultCount - before.failed,
          },
        }),
      });
      const odometry = new OdometryOutput({
        ...{ odometryFrame: ODOMETRY_FRAME, baseFrame: options.baseFrame ?? '', tf: false },
        mount: (base, frame) => scaled.inputs.mount(base, frame),
      });
      const recorded$ = bagSource(reader, {
        topics: [
          ...new Set([
            camera.topic,
            ...(camera.infoTopic ? [camera.infoTopic] : []),
            ...scaled.topics,
            ...served,
          ]),
        ],
        fromNs: fromNs - LEAD_IN_NS,
        signal,
        ready: async ({ topic, logTimeNs }, ended) => {
          if (logTimeNs < fromNs) return;
          const isFrame = topic === camera.topic;
          // Step by step, no frame is left out.
          if (isFrame && clock.state.status !== 'playing') await flow.ready();
          await clock.due(logTimeNs, isFrame, ended);
        },
      }).pipe(
        tap({ next: () => damage.look(), complete: () => damage.look() }),
        tap(scaled.feed),
        filter(({ topic, logTimeNs }) => logTimeNs >= fromNs || topic === camera.infoTopic),
        share(),
      );
      const shown$ = recorded$.pipe(
        filter(({ topic }) => served.has(topic) && (latched.has(topic) || hub.listenersOf(topic) > 0)),
        mergeMap((message) => hub.publish({ ...message, keep: KEPT })),
      );
      const { frame$ } = replayStreams(recorded$, {
        ...{ camera, givenInfo, statistics, copied: new Map<string, string>(), limit: undefined },
      });
      const results$ = perceptionPipeline(
        frame$.pipe(
          filter(() => anybodyLooks()),
          tap(() => (counts.in += 1)),
        ),
        {
          ...{
            engine,
            sink: hub,
            topics,
            flow,
            statistics,
            cameraKind: camera.kind,
            outOfOrder: 'keep',
            scale,
          },
          admit: latest(flow, statistics),
          // Asked for every frame: see `settings` of the engine.
          wants: { depth: '32FC1', labels: false, pointStride: 0 },
          ...(motion && {
            motion: {
              motion,
              classes: () => engine.model.manifest.classes,
              metersPerUnit: () => scale.current.factor,
              odometry: () => (heard('odometry', 'tf') ? odometry : undefined),
              cloud: () => heard('staticPoints', 'obstacles', 'dynamicPoints', 'scan'),
              tracks: () => heard('tracks', 'trackVelocities', 'trackMarkers'),
              obstacles: new ObstacleRequests({
                band: () => (heard('obstacles', 'dynamicPoints', 'scan') ? DEFAULT_BAND : undefined),
                mount: (frame) =>
                  options.baseFrame === undefined ? undefined : scaled.inputs.mount(options.baseFrame, frame),
              }),
              ...(scale.source === 'lidar' && { scanAt: scaled.inputs.scanAt.bind(scaled.inputs) }),
            },
          }),
          before: (frame) => reports.before(frame),
        },
      ).pipe(
        mergeMap(async (item) => {
          if (item.kind !== 'encoded') return;
          counts.out += 1;
          await reports.after(item);
        }),
      );
      // A seek does not wait for the frames in flight.
      const aborted$ = fromEvent(signal, 'abort');
      await lastValueFrom(merge(results$, shown$).pipe(takeUntil(aborted$)), { defaultValue: undefined });
      if (!signal.aborted) await reports.end();
    };

    return {
      hub,
      subject: {
        ...{ kind: 'bag', name: options.bag, camera: () => camera.topic, playback: clock, models },
        adaptations: new AdaptationBoard(store.home),
        classes: () => engine.model.manifest.classes,
        ...{ change$, notice$: merge(damage.notice$, notice$) },
      },
      run: (signal) => playWhenSeen(clock, pass, { seen$: hub.demand$, signal }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
