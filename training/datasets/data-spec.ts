import type { CameraKind } from '../../msgs/camera/camera-kind.js';
import type { CAMERA_NUMBERS, CameraSettings } from '../../msgs/camera/camera-settings.js';
import { parseCameraNumber, parseIntrinsics } from '../../msgs/camera/parse-camera-option.js';
import { messageOf } from '../../msgs/message-of.js';
import { TrainingError } from '../errors.js';

/** Where training data come from: `KIND:PLACE`, with options after `?`. */
export interface DataSpec {
  readonly kind: string;
  /** The simulator's domain, or a path. */
  readonly place: string;
  readonly options: Readonly<Record<string, string>>;
}

/**
 * Reads `simulator:town-camera?drives=400`, `bag:PATH?image=/topic`.
 * @throws TrainingError when the text reads otherwise.
 */
export function parseDataSpec(text: string): DataSpec {
  const match = /^([a-z][a-z0-9-]*):([^?]+)(?:\?(.*))?$/.exec(text);
  const [, kind, place, query = ''] = match ?? [];
  if (kind === undefined || place === undefined) {
    throw new TrainingError(`expected data as \`KIND:PLACE[?OPTION=VALUE&...]\`, got \`${text}\``);
  }
  return { kind, place, options: Object.fromEntries(new URLSearchParams(query)) };
}

/** A whole positive number among the options. @throws TrainingError when it is none. */
export function countOption({ kind, options }: DataSpec, name: string, fallback: number): number {
  const text = options[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TrainingError(
    `${kind}: expected \`${name}\` to be a whole number of at least 1, got \`${text}\``,
  );
}

/** The options of a camera in a bag. */
export const CAMERA_OPTIONS = [
  ...['image', 'camera_info', 'camera_kind', 'intrinsics', 'bit_depth', 'max_pixels'],
] as const;

/** The camera of `bag:PATH?...`. @throws TrainingError naming the option that is wrong. */
export function cameraOptions(spec: DataSpec): CameraSettings {
  const { image, camera_info: cameraInfo } = spec.options;
  const read = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const text = spec.options[name];
    try {
      return text === undefined ? undefined : parse(text);
    } catch (cause) {
      throw new TrainingError(`${spec.kind}: \`${name}\`: ${messageOf(cause)}`, { cause });
    }
  };
  const number = (name: string, key: keyof typeof CAMERA_NUMBERS) =>
    read(name, (text) => parseCameraNumber(key, text));
  return {
    ...{ image, cameraInfo, cameraKind: kindOption(spec), intrinsics: read('intrinsics', parseIntrinsics) },
    ...{ bitDepth: number('bit_depth', 'bitDepth'), maxPixels: number('max_pixels', 'maxPixels') },
  };
}

/** Empty, or what was said of the camera and changes its pictures: such samples are others. */
export function saidOfCamera({ options }: DataSpec): string {
  const changing = ['camera_info', 'camera_kind', 'intrinsics', 'bit_depth'];
  const said = changing.flatMap((name) => (options[name] === undefined ? [] : [`${name}=${options[name]}`]));
  return said.length === 0 ? '' : ` ${said.join('&')}`;
}

/** `camera_kind=raw|rectified`. @throws TrainingError for anything else. */
function kindOption({ kind, options }: DataSpec): CameraKind | undefined {
  const { camera_kind: text } = options;
  if (text === undefined || text === 'raw' || text === 'rectified') return text;
  throw new TrainingError(
    `${kind}: expected \`camera_kind\` to be \`raw\` or \`rectified\`, got \`${text}\``,
  );
}

/** @throws TrainingError naming options that the kind does not have. */
export function checkOptions({ kind, options }: DataSpec, known: readonly string[]): void {
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new TrainingError(
      `${kind}: expected options among ${known.map((name) => `\`${name}\``).join(', ')}, got \`${unknown.join('`, `')}\``,
    );
  }
}
