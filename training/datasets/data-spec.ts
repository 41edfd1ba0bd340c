import type { CameraKind } from '../../msgs/camera/camera-kind.js';
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

/** `camera_kind=raw|rectified`. @throws TrainingError for anything else. */
export function kindOption({ kind, options }: DataSpec): CameraKind | undefined {
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
