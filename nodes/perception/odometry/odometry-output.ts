import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { identityTransform } from '../../../msgs/camera/rigid-transform.js';
import type { Header } from '../../../msgs/header.js';
import { odometryCodec } from '../../../msgs/odometry.js';
import { stampToNs } from '../../../msgs/stamp.js';
import type { TransformStamped } from '../../../msgs/tf-message.js';
import type { FrameMotion } from '../motion/motion-protocol.js';
import type { FrameScale } from '../scale/metric-scale.js';
import { type TrackedBody, VisualOdometry } from './visual-odometry.js';

/** Frames of the odometry. */
export interface OdometryOutputOptions {
  /** Name of the frame that poses refer to, usually `odom`. */
  readonly odometryFrame: string;
  /** Name of the frame whose pose is given; empty: the camera's optical frame. */
  readonly baseFrame: string;
  /** Whether to publish the pose on /tf too. */
  readonly tf: boolean;
  /** Pose of the camera in another frame; undefined while unknown. */
  readonly mount: (base: string, camera: string) => RigidTransform | undefined;
}

/** Messages of one frame's odometry. */
export interface OdometryMessages {
  /** CDR bytes of a nav_msgs/Odometry. */
  readonly cdr: Uint8Array;
  /** The pose for /tf, if wanted. */
  readonly transform?: TransformStamped;
}

/** Axes of `odom` where the optical frame is told: x right, y down, z forward become x forward, y left, z up (REP 103). */
const ODOM_FROM_OPTICAL: RigidTransform = Float64Array.of(0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 1);

/** Makes the messages of `odometry` for a stream of frames. A frame without known motion or metric scale gets none. */
export class OdometryOutput {
  readonly #options: OdometryOutputOptions;
  readonly #odometry: VisualOdometry;

  constructor(options: OdometryOutputOptions) {
    this.#options = options;
    this.#odometry = new VisualOdometry(options.odometryFrame);
  }

  /** The messages of a frame; undefined if its motion or metric scale is unknown. */
  messageOf(
    { stamp, frame_id }: Header,
    { ego, seconds }: FrameMotion,
    { factor, metric }: FrameScale,
  ): OdometryMessages | undefined {
    const body = this.#bodyOf(frame_id);
    if (!metric || ego === undefined || seconds === undefined || body === undefined) return undefined;
    const earlierFromLater = ego.earlierFromLater.slice();
    for (const at of [3, 7, 11]) earlierFromLater[at] = factor * (earlierFromLater[at] as number);
    const lengths = (axis: number) => (axis < 3 ? factor : 1);
    const covariance = ego.covariance.map((value, i) => value * lengths(Math.floor(i / 6)) * lengths(i % 6));
    const message = this.#odometry.advance(stampToNs(stamp), { earlierFromLater, covariance, seconds }, body);
    const { header, child_frame_id, pose } = message;
    return {
      cdr: odometryCodec.encode(message),
      ...(this.#options.tf && {
        transform: {
          ...{ header, child_frame_id },
          transform: { translation: pose.pose.position, rotation: pose.pose.orientation },
        },
      }),
    };
  }

  #bodyOf(camera: string): TrackedBody | undefined {
    const { baseFrame, mount } = this.#options;
    if (baseFrame === '') {
      return { frame: camera, bodyFromCamera: identityTransform(), odomFromStart: ODOM_FROM_OPTICAL };
    }
    const bodyFromCamera = mount(baseFrame, camera);
    return bodyFromCamera && { frame: baseFrame, bodyFromCamera, odomFromStart: identityTransform() };
  }
}
