import { cameraInfoCodec } from '../../msgs/camera-info.js';
import { detection3DArrayCodec } from '../../msgs/detection3d-array.js';
import { imageCodec } from '../../msgs/image.js';
import { labelInfoCodec } from '../../msgs/label-info.js';
import { laserScanCodec } from '../../msgs/laser-scan.js';
import { markerArrayCodec } from '../../msgs/marker-array.js';
import type { MessageCodec } from '../../msgs/message-codec.js';
import { odometryCodec } from '../../msgs/odometry.js';
import { perceptionStatusCodec } from '../../msgs/perception-status.js';
import type { ImageCompression } from '../../msgs/picture/compress-image.js';
import { pointCloud2Codec } from '../../msgs/point-cloud2.js';
import { tfMessageCodec } from '../../msgs/tf-message.js';

/** What an output cannot be without: the model's depth, classes or confidence, the comparison of frames, or being asked for. */
export type OutputNeed = 'depth' | 'classes' | 'confidence' | 'motion' | 'obstacles' | 'tf';

export interface OutputSpec {
  /** Relative to the namespace; absolute with a leading slash. */
  readonly topic: string;
  readonly codec: Pick<MessageCodec<unknown>, 'type' | 'definition'>;
  readonly needs: readonly OutputNeed[];
  /** `only`: of frames whose depth is in metres; `never`: of the others. */
  readonly metric?: 'only' | 'never';
  /** Late subscribers get the last message. */
  readonly latched?: true;
  /** How its images are compressed for image_transport, where that is asked for. */
  readonly compression?: ImageCompression;
  /** Made of every frame, or told about the stream: that wakes no node and computes nothing. */
  readonly of: 'frame' | 'stream';
  /** What the engine has to compute of a frame besides its depth. */
  readonly computes: {
    readonly labels?: true;
    readonly confidence?: true;
    readonly points?: true;
    readonly maps?: true;
  };
  /** For the documents. */
  readonly content: string;
}

/** Points have a label and, where the model gives it, a confidence. */
const POINTS = { labels: true, confidence: true, points: true } as const;
const LABELS = { of: 'frame', needs: ['classes'], computes: { labels: true } } as const;
const COMPARED = {
  of: 'frame',
  needs: ['classes', 'motion'],
  computes: { labels: true, maps: true },
} as const;

const OBSTACLES = {
  of: 'frame',
  needs: ['depth', 'motion', 'obstacles'],
  metric: 'only',
  computes: { ...POINTS, maps: true },
} as const;

const TRACKS = {
  of: 'frame',
  needs: ['depth', 'classes', 'motion'],
  metric: 'only',
  computes: COMPARED.computes,
} as const;

/**
 * Every output of perception: the one place that topics, advertisements, what is computed for whom, and the table of
 * docs/topics.md follow from. The keys name the messages in the code.
 */
export const OUTPUTS = {
  depth: {
    topic: 'depth/image',
    codec: imageCodec,
    compression: 'depth',
    ...{ of: 'frame', needs: ['depth'], metric: 'only', computes: {} },
    content:
      '32FC1, metres of camera z: +Inf is too far (sky), NaN is invalid (REP 117, 118). 16UC1, millimetres, 0 invalid, with `--depth-encoding 16UC1`',
  },
  relative: {
    topic: 'depth/relative',
    codec: imageCodec,
    compression: 'depth',
    ...{ of: 'frame', needs: ['depth'], metric: 'never', computes: {} },
    content: 'depth of frames without a known metric scale, which never appear on `depth/image`',
  },
  depthInfo: {
    topic: 'depth/camera_info',
    codec: cameraInfoCodec,
    ...{ of: 'frame', needs: ['depth'], computes: {} },
    content: 'calibration of the camera image',
  },
  confidence: {
    topic: 'depth/confidence',
    codec: imageCodec,
    ...{ of: 'frame', needs: ['depth', 'confidence'], computes: { confidence: true } },
    content:
      '32FC1, 0 to 1: of the shipped model, the probability that the depth lies within 25 % of the truth',
  },
  labels: {
    topic: 'segmentation/labels',
    codec: imageCodec,
    compression: 'png',
    ...LABELS,
    content: 'mono8, class index; Cityscapes trainIds for the shipped model',
  },
  color: {
    topic: 'segmentation/color',
    codec: imageCodec,
    compression: 'jpeg',
    ...LABELS,
    content: "rgb8, the classes' colours",
  },
  labelInfo: {
    topic: 'segmentation/label_info',
    codec: labelInfoCodec,
    ...{ of: 'stream', needs: ['classes'], latched: true, computes: {} },
    content: 'class names, latched',
  },
  dynamic: {
    topic: 'dynamic/mask',
    codec: imageCodec,
    compression: 'png',
    // Without the comparison it shows single frames.
    ...{ of: 'frame', needs: ['classes'], computes: COMPARED.computes },
    content: 'mono8, 255 where people and vehicles are, or were in the frame before',
  },
  moving: {
    topic: 'dynamic/moving',
    codec: imageCodec,
    compression: 'png',
    ...COMPARED,
    content: 'mono8, 255 on those of them that move',
  },
  tracks: {
    topic: 'dynamic/tracks',
    codec: detection3DArrayCodec,
    ...TRACKS,
    content:
      'people and vehicles, moving or not, with ids that stay, classes and boxes, in the camera frame; see [motion.md](motion.md#tracks)',
  },
  trackVelocities: {
    topic: 'dynamic/velocities',
    codec: pointCloud2Codec,
    ...TRACKS,
    content:
      'one point for each of `dynamic/tracks`, in their order: x, y, z, vx, vy, vz over ground, moving (0 to 1), id',
  },
  trackMarkers: {
    topic: 'dynamic/markers',
    codec: markerArrayCodec,
    ...TRACKS,
    content: 'the same as boxes, arrows and names to look at',
  },
  points: {
    topic: 'points',
    codec: pointCloud2Codec,
    ...{ of: 'frame', needs: ['depth'], metric: 'only', computes: POINTS },
    content:
      'x, y, z, rgb, label, confidence; organised; NaN where there is no depth, or less confidence than `--min-confidence`',
  },
  staticPoints: {
    topic: 'points/static',
    codec: pointCloud2Codec,
    ...{ of: 'frame', needs: ['depth', 'classes', 'motion'], metric: 'only' },
    computes: { ...POINTS, maps: true },
    content: 'the same cloud without what moves; parked cars stay',
  },
  obstacles: {
    topic: 'points/obstacles',
    codec: pointCloud2Codec,
    ...OBSTACLES,
    content:
      'those of `points/static` that stand on the ground, without outliers; not organised ([nav2.md](nav2.md))',
  },
  dynamicPoints: {
    topic: 'points/dynamic',
    codec: pointCloud2Codec,
    ...OBSTACLES,
    content: 'the obstacles that move; not organised',
  },
  scan: {
    topic: 'scan',
    codec: laserScanCodec,
    ...OBSTACLES,
    content: 'the nearest obstacle in each direction, moving or not, in the level frame of the camera',
  },
  odometry: {
    topic: 'odometry',
    codec: odometryCodec,
    ...{ of: 'frame', needs: ['depth', 'motion'], metric: 'only', computes: COMPARED.computes },
    content:
      "the camera's pose since the start and its velocity, with covariances; see [motion.md](motion.md)",
  },
  tf: {
    topic: '/tf',
    codec: tfMessageCodec,
    ...{ of: 'stream', needs: ['depth', 'motion', 'tf'], metric: 'only', computes: {} },
    content:
      'where the level frame of `scan` is; the pose of `odometry`, with the parameter `odometry_tf` or `--odometry-tf`',
  },
  status: {
    topic: 'status',
    codec: perceptionStatusCodec,
    ...{ of: 'stream', needs: [], computes: {} },
    content: 'model, provider, rates, failures, latency, Lambda, metric scale',
  },
} as const satisfies Readonly<Record<string, OutputSpec>>;

/** Name of an output in the code. */
export type OutputKey = keyof typeof OUTPUTS;

/** The rows of the table. */
export const OUTPUT_ROWS = Object.entries(OUTPUTS) as readonly (readonly [
  key: OutputKey,
  spec: OutputSpec,
])[];
