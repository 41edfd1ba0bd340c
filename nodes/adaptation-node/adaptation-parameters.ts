import { NodeError } from '../errors.js';
import type { ParameterDeclaration } from '../transport/ros2/parameter-declaration.js';

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
  };
  if (parameters.record && parameters.watch === '') {
    throw new NodeError('`record`: expected `a folder in the parameter watch`, got none');
  }
  return parameters;
}
