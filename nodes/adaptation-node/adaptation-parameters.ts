import { ADAPTATION_METHOD_NAMES, parseMethodNames } from '../../msgs/adaptation/adaptation-method-names.js';
import type { AdaptationRequest } from '../../msgs/adaptation/adaptation-request.js';
import { parseCameraHeight } from '../../msgs/camera/camera-height.js';
import { CAMERA_KINDS, type CameraKind } from '../../msgs/camera/camera-kind.js';
import { CAMERA_NUMBERS, type CameraSettings } from '../../msgs/camera/camera-settings.js';
import { parseCameraNumber, parseIntrinsics } from '../../msgs/camera/parse-camera-option.js';
import { NodeError } from '../errors.js';
import type { ParameterDeclaration } from '../transport/ros2/parameter-declaration.js';

const underscored = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What the adaptation node is started with. */
export interface AdaptationParameters {
  /** Full names of the perception nodes to tell of a new model. */
  readonly perception_nodes: readonly string[];
  /** Folder of recorded drives to adapt to as they appear; empty: none. */
  readonly watch: string;
  /** Record the live camera into `watch`. */
  readonly record: boolean;
  /** Record CompressedImage from image/compressed. */
  readonly compressed: boolean;
  /** Length of a recorded drive, seconds. */
  readonly record_seconds: number;
  /** Most space of recorded drives, gigabytes. */
  readonly record_gigabytes: number;
  /** Time of a run, minutes. */
  readonly minutes: number;
  /** What is said of the camera of all drives. */
  readonly camera: CameraSettings;
  /** What else is asked of every run. */
  readonly request: AdaptationRequest;
}

/** What `ros2 param` shows. */
export const ADAPTATION_DECLARATIONS: readonly ParameterDeclaration[] = [
  {
    ...{ name: 'perception_nodes', type: 'string', default: '' },
    description: 'Full names of the perception nodes to tell of a new model, separated by commas',
  },
  {
    ...{ name: 'watch', type: 'string', default: '' },
    description: 'Folder of recorded drives that are adapted to as they appear; empty: on request alone',
  },
  {
    ...{ name: 'record', type: 'bool', default: false },
    description: 'Record the live camera into the folder of watch',
  },
  {
    ...{ name: 'compressed', type: 'bool', default: false },
    description: 'Record sensor_msgs/CompressedImage from image/compressed',
  },
  {
    ...{ name: 'record_seconds', type: 'double', default: 120 },
    description: 'Length of a recorded drive [s]',
  },
  {
    ...{ name: 'record_gigabytes', type: 'double', default: 4 },
    description: 'Most space of recorded drives [GB]',
  },
  { ...{ name: 'minutes', type: 'double', default: 10 }, description: 'Time of an adaptation [min]' },
  {
    ...{ name: 'method', type: 'string', default: ADAPTATION_METHOD_NAMES[0] },
    description: `How it learns: ${ADAPTATION_METHOD_NAMES.join(', ')}, or several with commas between`,
  },
  {
    ...{ name: 'guard', type: 'string', default: '' },
    description: 'Other recorded drives that a model must not get worse on, separated by commas',
  },
  {
    ...{ name: 'teacher', type: 'string', default: '' },
    description: 'Models that label the drives, separated by commas: self, self@2, folders, versions NAME/N',
  },
  {
    ...{ name: 'camera_height', type: 'string', default: '' },
    description: 'Metres of the camera over the road, or constant; empty: nobody knows',
  },
  {
    ...{ name: 'image_topic', type: 'string', default: '' },
    description: 'Camera image in the drives; empty: the one that must be meant',
  },
  {
    ...{ name: 'camera_info_topic', type: 'string', default: '' },
    description: 'Its camera_info; empty: the one beside the image topic',
  },
  {
    ...{ name: 'camera_kind', type: 'string', default: 'auto', choices: ['auto', ...CAMERA_KINDS] },
    description:
      'Whether K and D or P describes the images; auto: by the topic name, image_rect* is rectified',
  },
  {
    ...{ name: 'intrinsics', type: 'string', default: '' },
    description:
      'fx,fy,cx,cy in pixels, instead of camera_info, for images without distortion; empty: as recorded',
  },
  ...(['bitDepth', 'maxPixels'] as const).map((name): ParameterDeclaration => {
    const { description, otherwise, most } = CAMERA_NUMBERS[name];
    return {
      ...{ name: underscored(name), type: 'integer', default: 0, range: [0, most] },
      description: `${description[0]?.toUpperCase()}${description.slice(1)}; 0: ${otherwise}`,
    };
  }),
];

/** Takes them from what ROS was given. @throws NodeError naming what was expected. */
export function adaptationParameters(given: ReadonlyMap<string, unknown>): AdaptationParameters {
  const defaults = new Map(ADAPTATION_DECLARATIONS.map((declared) => [declared.name, declared.default]));
  const number = (name: keyof AdaptationParameters): number => {
    const value = Number(given.get(name) ?? defaults.get(name));
    if (value > 0 && Number.isFinite(value)) return value;
    throw new NodeError(`\`${name}\`: expected \`a number above 0\`, got ${JSON.stringify(given.get(name))}`);
  };
  const flag = (name: string): boolean => {
    const value = given.get(name) ?? false;
    if (typeof value === 'boolean') return value;
    throw new NodeError(`\`${name}\`: expected \`true | false\`, got ${JSON.stringify(value)}`);
  };
  const parameters = {
    perception_nodes: String(given.get('perception_nodes') ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    watch: String(given.get('watch') ?? ''),
    ...{ record: flag('record'), compressed: flag('compressed') },
    ...{ record_seconds: number('record_seconds'), record_gigabytes: number('record_gigabytes') },
    minutes: number('minutes'),
    camera: cameraOf(given),
    request: requestOf(given),
  };
  if (parameters.record && parameters.watch === '') {
    throw new NodeError('`record`: expected `a folder in the parameter watch`, got none');
  }
  return parameters;
}

function textOf(given: ReadonlyMap<string, unknown>, name: string): string | undefined {
  const value = String(given.get(name) ?? '').trim();
  return value === '' ? undefined : value;
}

/** Undefined where nothing was said. @throws NodeError naming the parameter. */
function readOf<T>(
  given: ReadonlyMap<string, unknown>,
  name: string,
  parse: (text: string) => T,
): T | undefined {
  const value = textOf(given, name);
  if (value === undefined) return undefined;
  try {
    return parse(value);
  } catch (cause) {
    throw new NodeError(`\`${name}\`: ${(cause as Error).message}`, { field: name, cause });
  }
}

function requestOf(given: ReadonlyMap<string, unknown>): AdaptationRequest {
  const listOf = (name: string) =>
    (textOf(given, name) ?? '')
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
  return {
    method: readOf(given, 'method', (text) => parseMethodNames(text).join()),
    ...{ guard: listOf('guard'), teacher: listOf('teacher') },
    cameraHeight: readOf(given, 'camera_height', parseCameraHeight),
  };
}

/** What is left out is found, or has a default. */
function cameraOf(given: ReadonlyMap<string, unknown>): CameraSettings {
  const text = (name: string) => textOf(given, name);
  const read = <T>(name: string, parse: (text: string) => T) => readOf(given, name, parse);
  const numberOf = (name: keyof typeof CAMERA_NUMBERS) =>
    read(underscored(name), (value) => (value === '0' ? undefined : parseCameraNumber(name, value)));
  const kindOf = (value: string): CameraKind | undefined => {
    if (value === 'auto') return undefined;
    const kind = CAMERA_KINDS.find((known) => known === value);
    if (kind !== undefined) return kind;
    throw new NodeError(`expected \`auto | ${CAMERA_KINDS.join(' | ')}\`, got \`${value}\``);
  };
  return {
    image: text('image_topic'),
    cameraInfo: text('camera_info_topic'),
    cameraKind: read('camera_kind', kindOf),
    intrinsics: read('intrinsics', parseIntrinsics),
    ...{ bitDepth: numberOf('bitDepth'), maxPixels: numberOf('maxPixels') },
  };
}
