import { Subscription } from 'rxjs';
import { type Odometry, odometryCodec } from '../../msgs/odometry.js';
import { type PointCloud2, pointCloud2Codec } from '../../msgs/point-cloud2.js';
import type { TFMessage } from '../../msgs/tf-message.js';
import { MotionEngine } from '../perception/motion/motion-engine.js';
import type { FrameMotion } from '../perception/motion/motion-protocol.js';
import { ObstacleRequests } from '../perception/obstacles/obstacle-requests.js';
import { OdometryOutput } from '../perception/odometry/odometry-output.js';
import type { OutputKey } from '../perception/outputs.js';
import type { PipelineOptions } from '../perception/perception-pipeline.js';
import type { PipelineStatistics } from '../perception/pipeline-statistics.js';
import { MetricScale } from '../perception/scale/metric-scale.js';
import { ScaleInputs } from '../perception/scale/scale-inputs.js';
import { isEstimated } from '../perception/scale/scale-source.js';
import type { QosProfile } from '../transport/ros2/qos.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import type { LoadedPerception } from './loaded-perception.js';
import type { Parameters } from './parameters.js';

const OBSTACLES: readonly OutputKey[] = ['obstacles', 'dynamicPoints', 'scan'];
const SENSOR_QOS: QosProfile = { reliability: 'best_effort', durability: 'volatile', depth: 5 };

/** The first frame has no motion, and single ones may have none. */
const FEW_FRAMES = 5;
const SILENT_ODOMETRY =
  "the camera's motion is unknown, so `odometry` is silent: frames have to be at most 1 s apart, of one size, and show edges " +
  'of things that stand still';

export interface FrameComparisonOptions {
  readonly ros: RosNode;
  readonly parameters: () => Parameters;
  readonly loaded: () => LoadedPerception;
  readonly statistics: PipelineStatistics;
  /** Height of the camera over the base frame; undefined while it is unknown. */
  readonly mountedHeight: () => number | undefined;
}

/** What compares a node's frames with each other and finds the metric scale; as long as the node is configured. */
export class FrameComparison {
  readonly scale: MetricScale;
  readonly #options: FrameComparisonOptions;
  readonly #inputs: ScaleInputs;
  readonly #odometry: OdometryOutput;
  readonly #obstacles: ObstacleRequests;
  readonly #engine: MotionEngine | undefined;
  readonly #measured = new Subscription();
  /** Frames in a row without a known motion of the camera. */
  #missed = 0;

  constructor(options: FrameComparisonOptions) {
    this.#options = options;
    const { ros, parameters, loaded, statistics, mountedHeight } = options;
    const { scale_source, motion, compute_nice, odometry_frame, odometry_tf, base_frame } = parameters();
    this.#inputs = new ScaleInputs((text) => statistics.warned(text));
    this.scale = new MetricScale({
      source: scale_source,
      modelIsMetric: loaded().model.manifest.depth.metric,
      constant: () => parameters().scale,
      cameraHeight: () => {
        const { camera_height } = parameters();
        const height = camera_height > 0 ? camera_height : mountedHeight();
        if (height !== undefined && height > 0) return height;
        statistics.warned(
          'the height of the camera is unknown, and so is the scale: set `camera_height`, or `base_frame` to a frame on the ground that /tf_static knows',
        );
        return undefined;
      },
      speedAt: (stampNs) => this.#inputs.speedAt(stampNs),
    });
    this.#odometry = new OdometryOutput({
      ...{ odometryFrame: odometry_frame, baseFrame: base_frame, tf: odometry_tf },
      mount: (base, camera) => this.#inputs.mount(base, camera),
    });
    this.#obstacles = new ObstacleRequests({
      band: () => {
        if (!this.#listens(OBSTACLES)) return undefined;
        const { obstacle_min_height, obstacle_max_height, obstacle_range } = parameters();
        return { lowest: obstacle_min_height, highest: obstacle_max_height, range: obstacle_range };
      },
      mount: (camera) => (base_frame === '' ? undefined : this.#inputs.mount(base_frame, camera)),
    });
    if (motion || isEstimated(scale_source)) this.#engine = new MotionEngine(undefined, compute_nice);
    if (scale_source === 'odometry') {
      // The output of that type is called `odometry`: under one name the node would hear itself.
      const odometry$ = ros.messages<Odometry>('vehicle_odometry', odometryCodec.type, SENSOR_QOS);
      this.#measured.add(odometry$.subscribe(({ message }) => this.#inputs.addOdometry(message)));
    }
    if (scale_source === 'lidar') {
      const scan$ = ros.messages<PointCloud2>('lidar', pointCloud2Codec.type, SENSOR_QOS);
      this.#measured.add(
        scan$.subscribe(({ message, stampNs }) => {
          const frameId = message.header.frame_id;
          this.#inputs.addScan({ stampNs, frameId, cdr: pointCloud2Codec.encode(message) });
        }),
      );
    }
  }

  /** For the pipeline; undefined where nothing is compared. */
  get motion(): PipelineOptions['motion'] {
    const { parameters, loaded } = this.#options;
    if (this.#engine === undefined) return undefined;
    return {
      motion: this.#engine,
      classes: () => loaded().model.manifest.classes,
      metersPerUnit: () => this.scale.current.factor,
      odometry: () => (this.#listens(['odometry']) ? this.#odometry : undefined),
      obstacles: this.#obstacles,
      cloud: () => this.#listens(['staticPoints', ...OBSTACLES]),
      tracks: () => this.#listens(['tracks', 'trackVelocities', 'trackMarkers']),
      ...(parameters().motion && parameters().stabilize && { stabilize: true }),
      ...(parameters().scale_source === 'lidar' && {
        scanAt: this.#inputs.scanAt.bind(this.#inputs),
      }),
    };
  }

  #listens(keys: readonly OutputKey[]): boolean {
    const { ros, loaded } = this.#options;
    return keys.some((key) => {
      const topic = loaded().topics[key];
      return topic !== undefined && ros.listenersOf(topic) > 0;
    });
  }

  /**
   * To be called with each frame's comparison.
   * @returns why somebody who is subscribed to `odometry` has heard nothing for a few frames
   */
  odometrySilence(motion: FrameMotion | undefined): string | undefined {
    const misses = motion !== undefined && motion.ego === undefined && this.#listens(['odometry']);
    this.#missed = misses ? this.#missed + 1 : 0;
    return this.#missed < FEW_FRAMES ? undefined : SILENT_ODOMETRY;
  }

  addTransforms(message: TFMessage): void {
    this.#inputs.addTransforms(message);
  }

  /** Height of `camera` over `base`, metres; undefined while /tf_static does not say. */
  heightOver(base: string, camera: string): number | undefined {
    return this.#inputs.heightOver(base, camera);
  }

  end(): void {
    this.#measured.unsubscribe();
    void this.#engine?.close();
  }
}
