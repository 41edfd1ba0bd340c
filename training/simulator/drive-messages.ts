import { quaternionOf } from '../../msgs/camera/quaternion-of.js';
import {
  composeTransforms,
  invertTransform,
  type RigidTransform,
} from '../../msgs/camera/rigid-transform.js';
import type { CameraInfo } from '../../msgs/camera-info.js';
import type { Header } from '../../msgs/header.js';
import type { Image } from '../../msgs/image.js';
import type { Stamp } from '../../msgs/stamp.js';
import type { TFMessage, TransformStamped } from '../../msgs/tf-message.js';
import type { SimulatedFrame } from './frame.js';

/** Frames of reference of a simulated drive (REP 103, REP 105). */
export const FRAME_IDS = {
  map: 'map',
  base: 'base_link',
  camera: 'camera_link',
  optical: 'camera_optical_frame',
} as const;

/** REP 103: camera_link (x forward, y left, z up) from optical axes (x right, y down, z forward). */
const LINK_FROM_OPTICAL: RigidTransform = Float64Array.of(0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 1);

/** The camera_info of a rendered frame: a pinhole without distortion. */
export function cameraInfoOf(frame: SimulatedFrame, stamp: Stamp): CameraInfo {
  const { fx, fy, cx, cy } = frame.intrinsics;
  return {
    header: { stamp, frame_id: FRAME_IDS.optical },
    width: frame.width,
    height: frame.height,
    distortion_model: 'plumb_bob',
    d: [0, 0, 0, 0, 0],
    k: [fx, 0, cx, 0, fy, cy, 0, 0, 1],
    r: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    p: [fx, 0, cx, 0, 0, fy, cy, 0, 0, 0, 1, 0],
    binning_x: 0,
    binning_y: 0,
    roi: { x_offset: 0, y_offset: 0, width: 0, height: 0, do_rectify: false },
  };
}

/** The truth as images: depth 32FC1 in metres (+Inf = sky), labels mono8 (trainIds), instances mono16 (0 = none). */
export function truthImagesOf(
  frame: SimulatedFrame,
  stamp: Stamp,
): Record<'depth' | 'labels' | 'instances', Image> {
  const header = { stamp, frame_id: FRAME_IDS.optical };
  return {
    depth: image(header, frame, '32FC1', frame.depthMeters),
    labels: image(header, frame, 'mono8', frame.labels),
    instances: image(header, frame, 'mono16', frame.instances),
  };
}

function image(
  header: Header,
  { width, height }: SimulatedFrame,
  encoding: string,
  pixels: Uint8Array | Uint16Array | Float32Array,
): Image {
  const data = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return { header, height, width, encoding, is_bigendian: 0, step: width * pixels.BYTES_PER_ELEMENT, data };
}

/** map -> base_link, the point on the road under the camera. */
export function baseTransform(frame: SimulatedFrame, stamp: Stamp): TFMessage {
  const worldFromBase = composeTransforms(frame.worldFromCamera, invertTransform(frame.baseFromCamera));
  return { transforms: [transformStamped(stamp, FRAME_IDS.map, FRAME_IDS.base, worldFromBase)] };
}

/** base_link -> camera_link -> camera_optical_frame, fixed in a drive. */
export function mountTransforms(frame: SimulatedFrame, stamp: Stamp): TFMessage {
  const baseFromLink = composeTransforms(frame.baseFromCamera, invertTransform(LINK_FROM_OPTICAL));
  return {
    transforms: [
      transformStamped(stamp, FRAME_IDS.base, FRAME_IDS.camera, baseFromLink),
      transformStamped(stamp, FRAME_IDS.camera, FRAME_IDS.optical, LINK_FROM_OPTICAL),
    ],
  };
}

function transformStamped(stamp: Stamp, parent: string, child: string, m: RigidTransform): TransformStamped {
  return {
    header: { stamp, frame_id: parent },
    child_frame_id: child,
    transform: { translation: { x: m[3], y: m[7], z: m[11] }, rotation: quaternionOf(m) },
  };
}
