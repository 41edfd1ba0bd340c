import { z } from 'zod';
import { DEVICE_CHOICES } from '../../models/device.js';
import { CAMERA_NUMBERS } from '../../msgs/camera/camera-settings.js';
import { DEFAULT_BAND } from '../perception/obstacles/default-band.js';
import { SCALE_SOURCES } from '../perception/scale/scale-source.js';
import type { ParameterDeclaration, ParameterValue } from '../transport/ros2/parameter-declaration.js';
import { RELIABILITIES } from '../transport/ros2/qos.js';

interface Spec extends Omit<ParameterDeclaration, 'name'> {
  /** Whether a change takes effect while the node is configured; others wait for the next `configure`. */
  readonly live: boolean;
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Every parameter of the perception node: the one place that descriptors, checks, JSON Schema and tables come from. */
export const PARAMETERS = {
  autostart: {
    type: 'bool',
    default: false,
    live: false,
    description:
      'Configure and activate at the start; otherwise a lifecycle manager or `ros2 lifecycle set` does',
  },
  model: {
    type: 'string',
    default: '',
    live: false,
    description: 'Model folder or version NAME/N; empty: the current version of `rxdepth model`',
  },
  follow: {
    type: 'bool',
    default: true,
    live: true,
    description:
      'Where model is empty: swap to another version when it becomes the current one, by adaptation or `rxdepth model`',
  },
  device: {
    type: 'string',
    default: 'auto',
    choices: DEVICE_CHOICES,
    live: false,
    description: 'Where the network runs; anything but auto fails where it is not there',
  },
  threads: {
    type: 'integer',
    default: 0,
    range: [0, 256],
    live: false,
    description: 'CPU threads of the network; 0: one per core',
  },
  compute_nice: {
    type: 'integer',
    default: 10,
    range: [0, 19],
    live: false,
    description:
      'Nice value of the computing threads above that of the node, on Linux: messages go before the next frame; 0: all alike',
  },
  configure_timeout: {
    type: 'double',
    default: 60,
    range: [1, 3600],
    live: true,
    description: 'Time within which the model has to be loaded and warmed up [s]',
  },
  compressed: {
    type: 'bool',
    default: false,
    live: false,
    description:
      'Take sensor_msgs/CompressedImage from image/compressed instead of sensor_msgs/Image from image',
  },
  video: {
    type: 'string',
    default: 'none',
    choices: ['none', 'foxglove', 'ffmpeg'],
    live: false,
    description:
      'Take H.264 or H.265 instead of images: foxglove_msgs/CompressedVideo from image/foxglove, or ffmpeg_image_transport_msgs/FFMPEGPacket from image/ffmpeg. Needs node-av (docs/ros2.md)',
  },
  camera_kind: {
    type: 'string',
    default: 'auto',
    choices: ['auto', 'raw', 'rectified'],
    live: false,
    description:
      'Whether K and D (raw) or P (rectified) describes the images; auto: image_rect* is rectified',
  },
  bit_depth: {
    type: 'integer',
    default: 0,
    range: [0, CAMERA_NUMBERS.bitDepth.most],
    live: false,
    description: `${capital(CAMERA_NUMBERS.bitDepth.description)}; 0: ${CAMERA_NUMBERS.bitDepth.otherwise}`,
  },
  max_pixels: {
    type: 'integer',
    default: 0,
    range: [0, CAMERA_NUMBERS.maxPixels.most],
    live: false,
    description: `${capital(CAMERA_NUMBERS.maxPixels.description)}; 0: ${CAMERA_NUMBERS.maxPixels.otherwise}`,
  },
  sync_tolerance: {
    type: 'double',
    default: 0.25,
    range: [0, 10],
    live: false,
    description:
      'Distance of stamps at which a camera_info still serves an image while the calibration changes [s]; one that stays the same serves at any distance',
  },
  image_reliability: {
    type: 'string',
    default: 'best_effort',
    choices: RELIABILITIES,
    live: false,
    description: 'Reliability asked of image and camera_info; best_effort hears every publisher',
  },
  output_reliability: {
    type: 'string',
    default: 'reliable',
    choices: RELIABILITIES,
    live: false,
    description:
      'Reliability offered for the outputs; reliable fits every subscriber, best_effort costs less',
  },
  max_age: {
    type: 'double',
    default: 1,
    range: [0, 60],
    live: true,
    description:
      "Images that come, and results that are ready, older than this by the node's clock are dropped and counted [s]; 0: none",
  },
  lazy: {
    type: 'bool',
    default: true,
    live: false,
    description: 'Receive images only while somebody subscribes to an output',
  },
  depth_encoding: {
    type: 'string',
    default: '32FC1',
    choices: ['32FC1', '16UC1'],
    live: true,
    description: '32FC1: metres, +Inf too far, NaN invalid; 16UC1: millimetres, 0 invalid or too far',
  },
  compressed_outputs: {
    type: 'bool',
    default: false,
    live: false,
    description:
      "Offer images compressed too, as image_transport does: compressed (labels and masks png, colours jpeg) and compressedDepth below each image's topic; computed only while somebody subscribes",
  },
  points_stride: {
    type: 'integer',
    default: 4,
    range: [1, 64],
    live: true,
    description: 'A point for every n-th pixel of every n-th row [pixels]',
  },
  min_confidence: {
    type: 'double',
    default: 0,
    range: [0, 1],
    live: true,
    description:
      "Points with less confidence become NaN, and no obstacles; 0: none. For models that tell their depth's confidence",
  },
  scale_source: {
    type: 'string',
    default: 'model',
    choices: SCALE_SOURCES,
    live: false,
    description:
      'Where metres come from: the model itself, constant (the parameter scale), camera_height (its height over the road), odometry (its speed), lidar, or none (depth/relative, no cloud)',
  },
  scale: {
    type: 'double',
    default: 1,
    range: [0.0001, 10000],
    live: true,
    description: "Factor from the model's depth to metres where scale_source is constant",
  },
  camera_height: {
    type: 'double',
    default: 0,
    range: [0, 100],
    live: true,
    description:
      'Height of the camera over the road for scale_source camera_height [m]; 0: looked up in /tf_static by base_frame',
  },
  motion: {
    type: 'bool',
    default: true,
    live: false,
    description:
      'Compare frames with those before: dynamic/moving, points/static, dynamic/mask with the warped mask, dynamic/tracks with velocities and markers, odometry, points/obstacles, points/dynamic, scan, Lambda; computed only while somebody subscribes to these topics or the scale needs it',
  },
  stabilize: {
    type: 'bool',
    default: false,
    live: false,
    description:
      "Draw each frame's depth towards that of the frames before, where nothing moves: it flickers less; depth and points then wait for the comparison of frames. Needs motion",
  },
  obstacle_min_height: {
    type: 'double',
    default: DEFAULT_BAND.lowest,
    range: [0, 10],
    live: true,
    description: 'Points so far over the ground and higher are obstacles, for points/obstacles and scan [m]',
  },
  obstacle_max_height: {
    type: 'double',
    default: DEFAULT_BAND.highest,
    range: [0.1, 100],
    live: true,
    description: 'Points higher over the ground are no obstacles [m]',
  },
  obstacle_range: {
    type: 'double',
    default: DEFAULT_BAND.range,
    range: [0.5, 100],
    live: true,
    description: 'Obstacles farther than this are left out [m]',
  },
  view: {
    type: 'bool',
    default: false,
    live: false,
    description:
      'Serve a page that shows what the node sees, and Foxglove; its address is printed in the log. What somebody looks at is computed as for a subscriber',
  },
  view_host: {
    type: 'string',
    default: '127.0.0.1',
    live: false,
    description:
      'Address to serve the page on; others than 127.0.0.1 let other machines look, who need the token of the printed address',
  },
  view_port: {
    type: 'integer',
    default: 8765,
    range: [0, 65535],
    live: false,
    description: 'Port of the page; 0: any that is free',
  },
  bond: {
    type: 'bool',
    default: true,
    live: false,
    description:
      "While active, answer the bond that Nav2's lifecycle manager forms on /bond, where the package bond is installed; false: the manager needs bond_timeout 0.0",
  },
  odometry_frame: {
    type: 'string',
    default: 'odom',
    live: false,
    description: 'Frame of the poses of odometry',
  },
  odometry_tf: {
    type: 'bool',
    default: false,
    live: false,
    description:
      'Publish the pose of odometry on /tf too; only where nothing else publishes odometry_frame to base_frame, while somebody subscribes to odometry',
  },
  base_frame: {
    type: 'string',
    default: '',
    live: false,
    description:
      "Frame on the ground below the camera, e.g. base_footprint: the camera's height in it is looked up in /tf_static and reported, odometry tells its pose, and its z = 0 is the ground for obstacles where no road is seen; empty: no look-up, and the pose is that of the camera's optical frame",
  },
} as const satisfies Readonly<Record<string, Spec>>;

type Names = keyof typeof PARAMETERS;
type ValueOf<S extends Spec> = S extends { readonly choices: readonly (infer C)[] }
  ? C
  : S['type'] extends 'string'
    ? string
    : S['type'] extends 'bool'
      ? boolean
      : number;

/** Valid values of all parameters. */
export type Parameters = { readonly [N in Names]: ValueOf<(typeof PARAMETERS)[N]> };

/** As the transport declares them. */
export const DECLARATIONS: readonly ParameterDeclaration[] = Object.entries(PARAMETERS).map(
  ([name, { live, ...rest }]: [string, Spec]) => ({
    name,
    ...rest,
    description: `${rest.description}. ${live ? 'Takes effect at once.' : 'Takes effect at the next configure.'}`,
  }),
);

/** Accepts the values of a file or of ROS; unknown names are refused. */
export const parameterSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(PARAMETERS).map(([name, spec]: [string, Spec]) => [
      name,
      schemaOf(spec)
        .default(spec.default as never)
        .describe(spec.description),
    ]),
  ),
);

export const DEFAULTS = parameterSchema.parse({}) as Parameters;

/**
 * Applies changes to values, all or none.
 * @returns the new values, or what is wrong with each change: what was expected, in backticks, and what arrived
 */
export function applyParameters(
  values: Parameters,
  changes: ReadonlyMap<string, unknown>,
): { readonly values: Parameters } | { readonly problems: ReadonlyMap<string, string> } {
  const problems = new Map<string, string>();
  for (const [name, value] of changes) {
    const spec: Spec | undefined = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name as Names] : undefined;
    if (spec === undefined) problems.set(name, `there is no parameter \`${name}\``);
    else if (!schemaOf(spec).safeParse(value).success) {
      problems.set(name, `\`${name}\`: expected \`${expectation(spec)}\`, got ${said(value)}`);
    }
  }
  if (problems.size > 0) return { problems };
  const applied = { ...values, ...Object.fromEntries(changes) } as Parameters;
  const contradiction = contradictionIn(applied);
  for (const name of contradiction?.of ?? [])
    if (changes.has(name)) problems.set(name, contradiction?.text ?? '');
  return problems.size > 0 ? { problems } : { values: applied };
}

/** Values that are right one by one, and not beside each other. */
function contradictionIn({
  obstacle_min_height: least,
  obstacle_max_height: most,
}: Parameters): { readonly of: readonly Names[]; readonly text: string } | undefined {
  if (least < most) return undefined;
  return {
    of: ['obstacle_min_height', 'obstacle_max_height'],
    text: `\`obstacle_min_height\`: expected less than \`obstacle_max_height\` (${most}), got ${least}: nothing would be an obstacle`,
  };
}

function said(value: unknown): string {
  // JSON calls NaN and infinity `null`.
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
}

/** The changes that a configured node cannot follow. */
export function notLive(changes: Iterable<string>): string[] {
  return [...changes].filter((name) => !(PARAMETERS[name as Names] as Spec | undefined)?.live);
}

/** What values a parameter takes, in words: for errors and documents. */
export function expectation({ type, range, choices }: Omit<Spec, 'description' | 'live'>): string {
  if (choices) return choices.join(' | ');
  if (range) return `${type === 'integer' ? 'a whole number' : 'a number'} from ${range[0]} to ${range[1]}`;
  return type === 'bool' ? 'true | false' : `a ${type}`;
}

function schemaOf({ type, range, choices }: Spec): z.ZodType<ParameterValue> {
  if (choices) return z.enum([...choices] as [string, ...string[]]);
  if (type === 'string') return z.string();
  if (type === 'bool') return z.boolean();
  const number = type === 'integer' ? z.number().int() : z.number();
  return range ? number.min(range[0]).max(range[1]) : number;
}
