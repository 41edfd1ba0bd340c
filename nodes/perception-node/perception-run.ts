import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Subscription } from 'rxjs';
import { tap } from 'rxjs';
import { diagnosticArrayCodec } from '../../msgs/diagnostic-array.js';
import type { Header } from '../../msgs/header.js';
import { labelInfoCodec } from '../../msgs/label-info.js';
import { perceptionStatusCodec } from '../../msgs/perception-status.js';
import { nsToStamp } from '../../msgs/stamp.js';
import { type TFMessage, tfMessageCodec } from '../../msgs/tf-message.js';
import { cameraKindOf } from '../perception/camera-kind.js';
import type { Fault } from '../perception/fault.js';
import { FlowControl } from '../perception/flow-control.js';
import type { CameraImage } from '../perception/frame.js';
import { labelInfoOf } from '../perception/label-info-of.js';
import { latest } from '../perception/operators/latest.js';
import type { ComparedFrame } from '../perception/operators/track-motion.js';
import { perceptionPipeline } from '../perception/perception-pipeline.js';
import { PipelineStatistics } from '../perception/pipeline-statistics.js';
import { StatusReporter } from '../perception/status-reporter.js';
import { LATCHED } from '../transport/ros2/qos.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import type { Sink } from '../transport/transport.js';
import { CameraInfos } from './camera-infos.js';
import { type CameraInputs, cameraInputs, cameraStream } from './camera-streams.js';
import { diagnosticsOf } from './diagnostics.js';
import { FrameComparison } from './frame-comparison.js';
import { GraphWatch } from './graph-watch.js';
import type { LoadedPerception } from './loaded-perception.js';
import type { Parameters } from './parameters.js';
import { StaticTransforms } from './static-transforms.js';

export const DIAGNOSTICS = '/diagnostics';
const REPORT_MS = 1000;
/** A stamp this far behind the newest one means that time began again: a recording in a loop, a camera that restarted. */
const JUMP_NS = 1_000_000_000n;

export interface PerceptionRunOptions {
  readonly ros: RosNode;
  readonly loaded: LoadedPerception;
  readonly parameters: () => Parameters;
}

/** A configured node at work: reports every second, and between `start` and `stop` the frames. */
export class PerceptionRun {
  readonly #ros: RosNode;
  #loaded: LoadedPerception;
  readonly #parameters: () => Parameters;
  readonly #statistics: PipelineStatistics;
  readonly #inputs: CameraInputs;
  readonly #infos: CameraInfos;
  readonly #watch: GraphWatch;
  readonly #transforms = new StaticTransforms();
  readonly #transformed: Subscription;
  readonly #stalls = monitorEventLoopDelay({ resolution: 5 });
  readonly #timer: NodeJS.Timeout;
  readonly #comparison: FrameComparison;
  #reporter: StatusReporter | undefined;
  #frames: Subscription | undefined;
  #flow: FlowControl | undefined;
  #failure: string | undefined;
  #header: Header = { stamp: { sec: 0, nanosec: 0 }, frame_id: '' };
  #newestNs = 0n;
  #listened = false;
  #framesIn = 0;
  #framesOut = 0;
  #faultsReported = 0;
  readonly #faultKinds = new Set<string>();

  constructor({ ros, loaded, parameters }: PerceptionRunOptions) {
    this.#ros = ros;
    this.#loaded = loaded;
    this.#parameters = parameters;
    this.#statistics = new PipelineStatistics((text) => ros.log.warn(text));
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
      .subscribe(({ message }) => {
        this.#transforms.add(message);
        this.#comparison.addTransforms(message);
      });
    this.#timer = setInterval(() => this.#report(), REPORT_MS);
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
    this.#watch.begin();
    const { engine, topics, settings } = this.#loaded;
    const statistics = this.#statistics;
    const { motion, scale } = this.#comparison;
    // One is decoded, and one compared, beside the one computed.
    const flow = new FlowControl((this.#parameters().compressed ? 2 : 1) + (motion ? 1 : 0));
    this.#flow = flow;
    const frame$ = cameraStream(this.#ros, this.#inputs, {
      ...{ parameters: this.#parameters, statistics },
      listened: () => this.#anybodyListens(),
      demand: flow,
      onImage: (image, unseen) => this.#imageArrived(image, unseen),
      infos: this.#infos,
    });
    const { camera_kind } = this.#parameters();
    const { wants } = settings();
    this.#frames = perceptionPipeline(frame$, {
      ...{ engine, sink: this.#sink(), topics, flow, statistics, outOfOrder: 'skip', wants, scale },
      cameraKind: camera_kind === 'auto' ? cameraKindOf(this.#ros.resolve(this.#inputs.image)) : camera_kind,
      admit: latest(flow, statistics),
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

  /** Ends the reports too. */
  end(): void {
    this.stop();
    clearInterval(this.#timer);
    this.#stalls.disable();
    this.#infos.end();
    this.#transformed.unsubscribe();
    this.#comparison.end();
  }

  #imageArrived({ stampNs, message }: CameraImage, unseen: number): void {
    this.#framesIn += 1 + unseen;
    this.#header = message.header;
    this.#watch.imageArrived();
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
      this.#reporter?.published((item.publishedMs ?? performance.now()) - item.frame.arrivedMs);
      this.#reporter?.compared(item.motion?.lambda ?? Number.NaN);
      return;
    }
    const kind = `${item.stage}: ${item.reason.replace(/\d+/g, '#')}`;
    if (this.#faultKinds.has(kind)) return;
    this.#faultKinds.add(kind);
    this.#ros.log.warn(`an image of ${item.topic} has no result (${item.stage}): ${item.reason}`);
  }

  /** Nothing is sent that nobody hears. */
  #sink(): Sink {
    const ros = this.#ros;
    return {
      advertise: (topic) => ros.advertise(topic),
      publish: async (message) => {
        if (ros.listenersOf(message.topic) > 0) await ros.publish(message);
      },
      close: async () => {},
    };
  }

  #anybodyListens(): boolean {
    const { outputs, topics } = this.#loaded;
    const heard = outputs.some(
      ({ topic }) =>
        topic !== topics.status && topic !== topics.labelInfo && this.#ros.listenersOf(topic) > 0,
    );
    if (heard && !this.#listened) this.#watch.begin();
    this.#listened = heard;
    return heard;
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

  #report(): void {
    const ros = this.#ros;
    const { engine, topics } = this.#loaded;
    if (this.#reporter === undefined) return;
    const listened = this.#anybodyListens() || !this.#parameters().lazy;
    // While frames are worked on, images wait.
    if (this.#flow?.open === false) this.#watch.begin();
    const problems = this.#watch.check(this.active && listened);
    const statistics = this.#statistics;
    const status = this.#reporter.report(this.#header, {
      framesIn: this.#framesIn,
      framesOut: this.#framesOut,
      framesDropped: statistics.dropCount,
      framesFailed: statistics.faultCount,
    });
    const newFaults = statistics.faultCount - this.#faultsReported;
    this.#faultsReported = statistics.faultCount;
    const failure = this.#failure ?? (engine.alive ? undefined : 'the inference engine is gone');
    const logTimeNs = ros.nowNs();
    const { frame_id } = this.#header;
    const cameraHeight = this.#mountedHeight();
    const { spread } = this.#comparison.scale.current;
    const diagnostics = diagnosticsOf(
      { stamp: nsToStamp(logTimeNs), frame_id },
      {
        ...{ node: ros.name, state: this.active ? 'active' : 'inactive', status, problems, newFaults },
        ...{ stages: statistics.stages, listened, longestStallMs: this.#stalls.max / 1e6 },
        ...(failure !== undefined && { failure }),
        ...(cameraHeight !== undefined && { cameraHeight }),
        ...(!Number.isNaN(spread) && { scaleSpread: spread }),
      },
    );
    this.#stalls.reset();
    this.#send(topics.status, perceptionStatusCodec.encode(status), logTimeNs);
    this.#send(DIAGNOSTICS, diagnosticArrayCodec.encode(diagnostics), logTimeNs);
  }

  /** Of the camera over the base frame; undefined when it was not asked for or is unknown. */
  #mountedHeight(): number | undefined {
    const { base_frame } = this.#parameters();
    return base_frame === '' ? undefined : this.#transforms.heightOver(base_frame, this.#header.frame_id);
  }

  #send(topic: string, cdr: Uint8Array, logTimeNs: bigint): void {
    this.#ros.publish({ topic, cdr, logTimeNs }).catch((error: Error) => this.#ros.log.error(error.message));
  }
}
