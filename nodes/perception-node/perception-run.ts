import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Subscription } from 'rxjs';
import { filter, tap } from 'rxjs';
import { cameraKindOf } from '../../msgs/camera/camera-kind.js';
import type { Header } from '../../msgs/header.js';
import type { Image } from '../../msgs/image.js';
import { labelInfoCodec } from '../../msgs/label-info.js';
import { perceptionStatusCodec } from '../../msgs/perception-status.js';
import { nsToStamp } from '../../msgs/stamp.js';
import { type TFMessage, tfMessageCodec } from '../../msgs/tf-message.js';
import { CompressingSink } from '../perception/compressing-sink.js';
import type { Fault } from '../perception/fault.js';
import { FlowControl } from '../perception/flow-control.js';
import type { CameraImage } from '../perception/frame.js';
import { labelInfoOf } from '../perception/label-info-of.js';
import { latest } from '../perception/operators/latest.js';
import type { ComparedFrame } from '../perception/operators/track-motion.js';
import { OUTPUTS } from '../perception/outputs.js';
import { perceptionPipeline } from '../perception/perception-pipeline.js';
import { PipelineStatistics } from '../perception/pipeline-statistics.js';
import { StatusReporter } from '../perception/status-reporter.js';
import { LATCHED } from '../transport/ros2/qos.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import type { InputMessage, Sink } from '../transport/transport.js';
import { CameraInfos } from './camera-infos.js';
import { type CameraInputs, cameraInputs, cameraStream } from './camera-streams.js';
import { deafListeners } from './deaf-listeners.js';
import { type Area, Episodes } from './episodes.js';
import { FrameComparison } from './frame-comparison.js';
import { GraphWatch } from './graph-watch.js';
import { limitedAge } from './image-age.js';
import { ImageStatistics } from './image-figures.js';
import type { LoadedPerception } from './loaded-perception.js';
import type { Report } from './node-diagnostics.js';
import type { Parameters } from './parameters.js';
import { UnansweredImages } from './unanswered-images.js';

/** Steps of the limit of age that is recommended, seconds. */
const STEP_S = 0.5;
/** What a fault or warning is about, by the stage that found it. */
const AREA_OF_STAGE: Readonly<Record<string, Area>> = {
  order: 'stamps',
  pair: 'camera_info',
  validate: 'images',
  video: 'images',
};
/** A stamp this far behind the newest one means that time began again: a recording in a loop, a camera that restarted. */
const JUMP_NS = 1_000_000_000n;

export interface PerceptionRunOptions {
  readonly ros: RosNode;
  readonly loaded: LoadedPerception;
  readonly parameters: () => Parameters;
}

/** A configured node at work: between `start` and `stop` the frames; it says how that goes. */
export class PerceptionRun {
  readonly #ros: RosNode;
  #loaded: LoadedPerception;
  readonly #parameters: () => Parameters;
  readonly #statistics: PipelineStatistics;
  readonly #inputs: CameraInputs;
  readonly #infos: CameraInfos;
  readonly #watch: GraphWatch;
  readonly #transformed: Subscription;
  readonly #stalls = monitorEventLoopDelay({ resolution: 5 });
  readonly #episodes: Episodes;
  readonly #comparison: FrameComparison;
  #reporter: StatusReporter | undefined;
  #frames: Subscription | undefined;
  #flow: FlowControl | undefined;
  #failure: string | undefined;
  #header: Header = { stamp: { sec: 0, nanosec: 0 }, frame_id: '' };
  #newestNs = 0n;
  readonly #images = new ImageStatistics();
  #listened = false;
  #framesIn = 0;
  #framesOut = 0;
  #faultsReported = 0;
  readonly #unanswered = new UnansweredImages();

  constructor({ ros, loaded, parameters }: PerceptionRunOptions) {
    this.#ros = ros;
    this.#loaded = loaded;
    this.#parameters = parameters;
    this.#episodes = new Episodes(ros.log);
    this.#statistics = new PipelineStatistics(undefined, {
      failed: ({ topic, stage, reason }) =>
        this.#trouble(stage, `an image of ${topic} has no result (${stage}): ${reason}`),
      warned: (text, stage) => this.#trouble(stage, text),
    });
    this.#inputs = cameraInputs(parameters());
    this.#watch = new GraphWatch(ros, this.#inputs);
    const { info, infoQos } = this.#inputs;
    this.#infos = new CameraInfos(ros, info, infoQos, () => this.#watch.infoArrived());
    this.#comparison = new FrameComparison({
      ...{ ros, parameters, statistics: this.#statistics, loaded: () => this.#loaded },
      mountedHeight: () => this.#mountedHeight(),
    });
    this.#transformed = ros
      .messages<TFMessage>('/tf_static', tfMessageCodec.type, { ...LATCHED, depth: 100 })
      .subscribe(({ message }) => this.#comparison.addTransforms(message));
    this.#stalls.enable();
    void this.#describeEngine();
  }

  get active(): boolean {
    return this.#frames !== undefined;
  }

  /** Whether frames are worked on at this moment, as far as the camera sends any. */
  get busy(): boolean {
    return this.active && (this.#anybodyListens() || !this.#parameters().lazy);
  }

  /** Another model runs from the next frame on, on the same topics. */
  modelChanged(loaded: LoadedPerception): void {
    this.#loaded = loaded;
    this.#reporter = undefined;
    this.#comparison.scale.reset();
    void this.#describeEngine();
    this.#publishLabels();
  }

  /** Begins to work on frames. */
  start(): void {
    this.#failure = undefined;
    this.#newestNs = 0n;
    this.#unanswered.answered();
    this.#watch.begin();
    const { engine, topics, settings } = this.#loaded;
    const statistics = this.#statistics;
    const { motion, scale } = this.#comparison;
    // One is decoded, and one compared, beside the one computed.
    const flow = new FlowControl((this.#inputs.image === 'image/compressed' ? 2 : 1) + (motion ? 1 : 0));
    this.#flow = flow;
    const frame$ = cameraStream(this.#ros, this.#inputs, {
      ...{ parameters: this.#parameters, statistics },
      listened: () => this.#anybodyListens() || this.#cameraIsLookedAt(),
      demand: flow,
      onImage: (image, unseen) => this.#imageArrived(image, unseen),
      infos: this.#infos,
      onStale: (text) => this.#episodes.happened({ area: 'stamps', text }),
    });
    const { camera_kind } = this.#parameters();
    const { wants } = settings();
    const computed$ = frame$.pipe(filter(() => !this.#parameters().lazy || this.#anybodyListens()));
    this.#frames = perceptionPipeline(computed$, {
      ...{ engine, sink: this.#sink(), topics, flow, statistics, outOfOrder: 'skip', wants, scale },
      cameraKind:
        camera_kind === 'auto' ? cameraKindOf(this.#ros.resolve(this.#inputs.image)).kind : camera_kind,
      admit: latest(flow, statistics),
      outdated: (image) => this.#outdated(image),
      ...(motion && { motion }),
    })
      .pipe(tap((item) => this.#done(item)))
      .subscribe({
        error: (error: unknown) => {
          this.#failure = `perception stopped: ${error instanceof Error ? error.message : String(error)}`;
          this.#ros.log.error(`${this.#failure}; clean up and configure the node again`);
        },
      });
    this.#publishLabels();
  }

  stop(): void {
    this.#frames?.unsubscribe();
    this.#frames = undefined;
  }

  /** Lets go of everything. */
  end(): void {
    this.stop();
    this.#stalls.disable();
    this.#infos.end();
    this.#transformed.unsubscribe();
    this.#comparison.end();
  }

  #imageArrived(image: CameraImage, unseen: number): void {
    const { stampNs, message } = image;
    // Pictures of video are raw.
    if (this.#inputs.packetOf !== undefined)
      this.#ros.decoded?.(this.#inputs.image, image as InputMessage<Image>);
    this.#framesIn += 1 + unseen;
    this.#unanswered.came(1 + unseen, performance.now());
    this.#header = message.header;
    this.#watch.imageArrived();
    const nowNs = this.#ros.nowNs();
    this.#images.arrived(performance.now(), nowNs === 0n ? undefined : Number(nowNs - stampNs) / 1e6);
    if (stampNs + JUMP_NS < this.#newestNs) {
      this.#ros.log.warn('the stamps of the images jumped back: starting again');
      // Not from within the stream that is being stopped.
      setImmediate(() => {
        if (!this.active) return;
        this.stop();
        this.#infos.beginAgain(stampNs);
        this.start();
      });
    }
    if (stampNs > this.#newestNs) this.#newestNs = stampNs;
  }

  #done(item: ComparedFrame | Fault): void {
    if (item.kind === 'encoded') {
      this.#framesOut += 1;
      this.#unanswered.answered();
      this.#reporter?.published((item.publishedMs ?? performance.now()) - item.frame.arrivedMs);
      this.#reporter?.compared(item.motion?.lambda ?? Number.NaN);
      const silence = this.#comparison.odometrySilence(item.motion);
      if (silence !== undefined) this.#trouble('motion', silence);
      return;
    }
    // Failures are told by the statistics.
    if (item.dropped) this.#trouble(item.stage, item.reason);
  }

  #trouble(stage: string | undefined, text: string): void {
    this.#episodes.happened({ area: AREA_OF_STAGE[stage ?? ''] ?? 'results', text });
  }

  #outdated({ topic, stampNs }: CameraImage): string | undefined {
    const parameters = this.#parameters;
    const age = limitedAge(stampNs, { parameters, nowNs: () => this.#ros.nowNs() });
    const { max_age } = parameters();
    if (age === undefined || age <= max_age) return undefined;
    const networkMs = this.#statistics.stage('infer')?.p50Ms;
    const network =
      networkMs === undefined ? '' : ` (the network takes ${(networkMs / 1000).toFixed(2)} s a frame)`;
    return (
      `results of ${topic} are ${age.toFixed(1)} s old when they are ready, older than \`max_age\` (${max_age} s) allows, and ` +
      `are dropped: the machine is too slow for them${network}; raise \`max_age\` to ${Math.ceil(age / STEP_S) * STEP_S + STEP_S}, ` +
      'or take a smaller network (`rxdepth model resize`)'
    );
  }

  /** Nothing is sent that nobody hears. */
  #sink(): Sink {
    const ros = this.#ros;
    const heard = (topic: string) => ros.listenersOf(topic) > 0;
    const sink: Sink = {
      advertise: (topic) => ros.advertise(topic),
      publish: async (message) => {
        if (heard(message.topic)) await ros.publish(message);
      },
      close: async () => {},
    };
    return new CompressingSink(sink, this.#loaded.outputs, heard);
  }

  #anybodyListens(): boolean {
    const heard = this.#loaded.outputs.some(
      ({ key, topic }) => OUTPUTS[key].of === 'frame' && this.#ros.listenersOf(topic) > 0,
    );
    if (heard && !this.#listened) {
      this.#watch.begin();
      this.#unanswered.answered();
    }
    if (!heard && this.#listened) this.#images.pause();
    this.#listened = heard;
    return heard;
  }

  /** Pictures are received for those who look at nothing else. */
  #cameraIsLookedAt(): boolean {
    return this.#ros.listenersOf(this.#inputs.image) > 0;
  }

  #publishLabels(): void {
    const { topics, model } = this.#loaded;
    if (topics.labelInfo === undefined) return;
    const logTimeNs = this.#ros.nowNs();
    const header = { stamp: nsToStamp(logTimeNs), frame_id: '' };
    this.#send(
      topics.labelInfo,
      labelInfoCodec.encode(labelInfoOf(model.manifest.classes, header)),
      logTimeNs,
    );
  }

  async #describeEngine(): Promise<void> {
    const { facts, model, metric } = this.#loaded;
    const { scale } = this.#comparison;
    try {
      this.#reporter = new StatusReporter({
        ...(await facts),
        model: model.manifest,
        get scale() {
          return scale.current.factor;
        },
        scaleSource: metric === false ? 'none' : scale.source,
      });
    } catch (error) {
      this.#failure = (error as Error).message;
    }
  }

  /** How it goes; to be called about once a second. Publishes the status. */
  report(): Report {
    const ros = this.#ros;
    const { engine, topics } = this.#loaded;
    const statistics = this.#statistics;
    const listened = this.#anybodyListens() || !this.#parameters().lazy;
    // While frames are worked on, images wait.
    if (this.#flow?.open === false) this.#watch.begin();
    const expecting = this.active && listened;
    const states = [
      ...this.#watch.check(expecting),
      ...deafListeners(ros, this.#loaded.outputs, this.#parameters()),
    ];
    const unanswered = this.#unanswered.trouble(performance.now(), this.#flow?.inFlight ?? 0);
    const episodes = this.#episodes.look([...states, ...(expecting && unanswered ? [unanswered] : [])]);
    const status = this.#reporter?.report(this.#header, {
      framesIn: this.#framesIn,
      framesOut: this.#framesOut,
      framesDropped: statistics.dropCount,
      framesFailed: statistics.faultCount,
    });
    if (status !== undefined) this.#send(topics.status, perceptionStatusCodec.encode(status), ros.nowNs());
    const newFaults = statistics.faultCount - this.#faultsReported;
    this.#faultsReported = statistics.faultCount;
    const failure = this.#failure ?? (engine.alive ? undefined : 'the inference engine is gone');
    const cameraHeight = this.#mountedHeight();
    const { spread } = this.#comparison.scale.current;
    const longestStallMs = this.#stalls.max / 1e6;
    this.#stalls.reset();
    return {
      ...{ state: this.active ? 'active' : 'inactive', frameId: this.#header.frame_id, episodes },
      ...(failure !== undefined && { failure }),
      work: {
        ...{ newFaults, stages: statistics.stages, listened, longestStallMs, images: this.#images.take() },
        ...(status && { status }),
        ...(cameraHeight !== undefined && { cameraHeight }),
        ...(!Number.isNaN(spread) && { scaleSpread: spread }),
      },
    };
  }

  /** Height of the camera over the base frame, metres; undefined when it was not asked for or is unknown. */
  #mountedHeight(): number | undefined {
    const { base_frame } = this.#parameters();
    return base_frame === '' ? undefined : this.#comparison.heightOver(base_frame, this.#header.frame_id);
  }

  #send(topic: string, cdr: Uint8Array, logTimeNs: bigint): void {
    this.#ros.publish({ topic, cdr, logTimeNs }).catch((error: Error) => this.#ros.log.error(error.message));
  }
}
