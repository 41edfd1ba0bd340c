import { concatMap, type OperatorFunction } from 'rxjs';
import type { Manifest } from '../../../models/manifest.js';
import { cameraModel } from '../../../msgs/camera/camera-model.js';
import { tfMessageCodec } from '../../../msgs/tf-message.js';
import type { CameraKind } from '../engine/inference-request.js';
import { LentMemory } from '../engine/lent-memory.js';
import { type Fault, faultOf } from '../fault.js';
import { applyToDepth, applyToPoints } from '../motion/apply-factors.js';
import type { MotionEngine } from '../motion/motion-engine.js';
import type { FrameMotion, LidarScan } from '../motion/motion-protocol.js';
import type { ObstacleRequests } from '../obstacles/obstacle-requests.js';
import type { OdometryOutput } from '../odometry/odometry-output.js';
import type { OutputKey } from '../outputs.js';
import type { PerceptionTopics } from '../perception-topics.js';
import type { PipelineStatistics } from '../pipeline-statistics.js';
import { usableTransforms } from '../usable-transforms.js';
import { type EncodedFrame, namedMessages } from './encode.js';
import type { InferredFrame } from './infer.js';

/** Options of `trackMotion`. */
export interface TrackMotionOptions {
  /** Compares the frames, in a thread of its own: a MotionEngine. */
  readonly motion: Pick<MotionEngine, 'track' | 'recycle'>;
  /** Topics of the messages. */
  readonly topics: PerceptionTopics;
  /** Whether the images are `raw`, so that K and D count, or `rectified`, so that P counts. */
  readonly cameraKind: CameraKind;
  /** Returns the classes of the running model. */
  readonly classes: () => Manifest['classes'];
  /** Returns the estimated length of the model's unit, metres, above 0; NaN if unknown. It is called for every frame. */
  readonly metersPerUnit: () => number;
  /** Returns the LiDAR's measurement nearest to a stamp (nanoseconds) and its pose in the camera's frame; undefined if there is none. */
  readonly scanAt?: (stampNs: bigint, cameraFrame: string) => LidarScan | undefined;
  /** Returns what sums the camera's motion up to a pose; undefined if nobody wants one. It is called for every frame. */
  readonly odometry?: () => Pick<OdometryOutput, 'messageOf'> | undefined;
  /** Requests for obstacles; absent: none are sought. */
  readonly obstacles?: Pick<ObstacleRequests, 'of'>;
  /**
   * Returns whether anything is made of the cloud: the one without what moves, or obstacles. It is asked for every frame before its
   * first publication; default: always. Else the cloud's memory stays where it is.
   */
  readonly cloud?: () => boolean;
  /** Returns whether to track people and vehicles; default: never. It is called for every frame. */
  readonly tracks?: () => boolean;
  /** Whether to draw the depth towards that of the frames before, against flicker; default false. Depth and points then wait for the comparison. */
  readonly stabilize?: boolean;
  /** Counts frames, faults and latencies. */
  readonly statistics: PipelineStatistics;
}

const NO_FRAME =
  "images have no `frame_id`: nothing of them is on /tf, and tf2 finds no place for scan and clouds; the camera's driver has to name one";
const NO_GROUND =
  'no ground is seen, so there are no obstacles: the model needs a class road, floor or ground that the camera sees, or `base_frame` (`--base-frame`) a frame on the ground in /tf_static';

/** A frame whose first messages are published, with what it takes the frames before it to know. */
export interface ComparedFrame extends EncodedFrame {
  /** Result of the comparison; absent if the frame could not be compared. */
  readonly motion?: FrameMotion;
}

/**
 * Compares every frame with those before it. It emits the frame with the resulting messages: the mask of what moves, the
 * cloud without what moves, and the mask of dynamic classes. That mask shows those of this frame or of the warped one before
 * it (mu_t). Odometry, obstacles and tracks come where they are wanted. The operator takes over the memory of `dynamic` and
 * `points`, so publish them before, or not at all. A frame that cannot be compared counts as a fault of the stage `motion`,
 * and goes on with the messages it has. Source of mu_t: SGDepth, equations 7 and 8; here in their causal form, of the frame
 * and the one before it.
 */
export function trackMotion(
  options: TrackMotionOptions,
): OperatorFunction<EncodedFrame | Fault, ComparedFrame | Fault> {
  const {
    motion,
    topics,
    cameraKind,
    classes,
    metersPerUnit,
    scanAt,
    odometry,
    obstacles,
    tracks,
    statistics,
  } = options;
  const stabilize = options.stabilize ?? false;
  let generation: number | undefined;
  let begun = false;
  return concatMap(async (item): Promise<ComparedFrame | Fault> => {
    if (item.kind === 'fault') return item;
    const { frame } = item;
    const { image, info, result, scale } = frame;
    const { maps, messages, width, height } = result;
    const { logTimeNs, stampNs } = image;
    if (maps === undefined) {
      if (result.incomparable)
        statistics.warned(
          "the model's graph gives no `network_image`, by which frames are compared: nothing is judged to move; export or import the model again, unless it gives no depth",
        );
      const held = stabilize ? depthMessages(frame) : {};
      return {
        ...item,
        messages: namedMessages(logTimeNs, topics, { dynamic: messages.dynamic, ...held }, () => result.keep),
      };
    }
    const isNew = !begun || result.generation !== generation;
    begun = true;
    generation = result.generation;
    const lidar = scanAt?.(stampNs, image.message.header.frame_id);
    const camera = cameraModel(info, cameraKind);
    // A frame that was computed before somebody subscribed has no points.
    const given = scale.metric && item.cloudStays !== true ? messages.points : undefined;
    // Its memory becomes that of the cloud without what moves.
    const cloud = stabilize ? given?.slice() : undefined;
    const wanted =
      given !== undefined ? obstacles?.of(camera, result, image.message.header.frame_id) : undefined;
    try {
      const answer = await motion.track({
        header: image.message.header,
        stampNs,
        height,
        width,
        maps,
        scale: scale.factor,
        intrinsics: camera.intrinsics,
        metersPerUnit: metersPerUnit(),
        ...(isNew && { classes: classes() }),
        ...(messages.dynamic && { dynamic: messages.dynamic }),
        ...(given && { points: given }),
        ...(lidar && { lidar }),
        ...(wanted && { obstacles: wanted }),
        ...(scale.metric && tracks?.() && { tracks: true }),
        ...(stabilize && { stabilize }),
      });
      statistics.passed('motion', answer.motionMs);
      const { dynamic, points, moving, factors } = answer;
      if (factors !== undefined) {
        const startMs = performance.now();
        applyToDepth(messages.depth, factors);
        if (cloud !== undefined) applyToPoints(cloud, factors, { height, width, stride: maps.pointStride });
        statistics.passed('stabilize', performance.now() - startMs);
      }
      if (wanted !== undefined && answer.obstacles === undefined) statistics.warned(NO_GROUND);
      const pose = odometry?.()?.messageOf(image.message.header, answer, scale);
      const wantedTransforms = [pose?.transform, answer.obstacles?.level].filter((one) => one !== undefined);
      const transforms = usableTransforms(wantedTransforms);
      if (transforms.length < wantedTransforms.length) statistics.warned(NO_FRAME);
      const mask = new LentMemory(() => motion.recycle(moving));
      const release = () => {
        mask.release();
        result.release([answer.maps.image, dynamic, points].filter((view) => view !== undefined));
      };
      const { keep: keepResult } = result;
      const keep =
        keepResult &&
        (() => {
          const ends = [mask.keep(), keepResult()];
          return () => {
            for (const end of ends) end();
          };
        });
      return {
        ...item,
        motion: answer,
        messages: namedMessages(
          logTimeNs,
          topics,
          {
            ...{ dynamic, moving, staticPoints: points, odometry: pose?.cdr },
            ...(stabilize && depthMessages(frame, cloud)),
            ...answer.obstacles,
            ...answer.tracks,
            ...(transforms.length > 0 && { tf: tfMessageCodec.encode({ transforms }) }),
          },
          () => keep,
        ),
        frame: {
          ...frame,
          result: {
            ...result,
            ...(keep && { keep }),
            release,
            maps: answer.maps,
            messages: { ...messages, ...(dynamic && { dynamic }), ...(points && { points }), moving },
          },
        },
      };
    } catch (error) {
      // What was transferred is lost; the rest is published.
      statistics.failed(faultOf('motion', image, error));
      const held = stabilize ? depthMessages(frame, cloud) : {};
      return { ...item, messages: namedMessages(logTimeNs, topics, held, () => result.keep) };
    }
  });
}

/** What waited to be steadied. @param cloud the frame's own where left out. */
function depthMessages(
  { result: { messages }, scale }: InferredFrame,
  cloud: Uint8Array | undefined = messages.points,
): { readonly [K in OutputKey]?: Uint8Array | undefined } {
  return scale.metric ? { depth: messages.depth, points: cloud } : { relative: messages.depth };
}
