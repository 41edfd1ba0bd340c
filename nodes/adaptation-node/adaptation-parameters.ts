import { NodeError } from '../errors.js';

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
}

const NUMBERS = { record_seconds: 120, record_gigabytes: 4, minutes: 10 } as const;

/** Takes them from what ROS was given. @throws NodeError naming what was expected. */
export function adaptationParameters(given: ReadonlyMap<string, unknown>): AdaptationParameters {
  const number = (name: keyof typeof NUMBERS): number => {
    const value = Number(given.get(name) ?? NUMBERS[name]);
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
  };
  if (parameters.record && parameters.watch === '') {
    throw new NodeError('`record`: expected `a folder in the parameter watch`, got none');
  }
  return parameters;
}
