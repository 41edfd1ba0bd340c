import { NodeError } from '../../errors.js';
import { parseRosYaml } from './ros-yaml.js';

/** What a command line sets: a file of parameters, or one of them. */
type Setting =
  | { readonly file: string; readonly sections: readonly Section[] }
  | { readonly target: string | undefined; readonly name: string; readonly value: unknown };

/** Arguments that are followed by parameters. */
const FLAGS = ['-p', '--param', '--params-file'];

type Section = readonly [node: string, parameters: unknown];

export interface Overrides {
  readonly values: ReadonlyMap<string, unknown>;
  /** Files without a section for the node: nothing of them applies. */
  readonly unused: readonly string[];
}

/**
 * The parameter values that a command line gives: `--ros-args -p NAME:=VALUE -p NODE:NAME:=VALUE --params-file FILE`, later
 * ones over earlier ones. A file's sections are keyed by the node's name (`perception`) or its full name
 * (`/front/perception`). The wildcards `*` (one token) and `**` (any tokens) count as rcl_yaml_param_parser has them.
 *
 * It is read here because rclnodejs 2.2 ignores sections with a namespace, which is how launch files pass parameters. It also ends
 * at any array of whole numbers, be it another node's in a file for all. rcl also says little of what it refuses.
 */
export class ParameterOverrides {
  readonly #settings: readonly Setting[];
  /** The arguments that set no parameters. */
  readonly others: readonly string[];

  /**
   * @param args without the program
   * @param read the text of a file
   * @throws NodeError naming the file that cannot be read or is no parameter file, or the assignment that is none.
   */
  constructor(args: readonly string[], read: (file: string) => string) {
    const settings: Setting[] = [];
    const others: string[] = [];
    let isRos = false;
    for (let index = 0; index < args.length; index++) {
      const arg = args[index] as string; // within its length
      if (arg === '--ros-args') isRos = true;
      else if (arg === '--') isRos = false;
      if (!isRos || !FLAGS.includes(arg)) {
        others.push(arg);
        continue;
      }
      index += 1;
      const value = args[index];
      if (value === undefined) throw new NodeError(`\`${arg}\`: nothing follows it`);
      if (arg === '--params-file') settings.push({ file: value, sections: readFile(value, read(value)) });
      else settings.push(readAssignment(value));
    }
    this.#settings = settings;
    this.others = others;
  }

  /** @param node full name */
  of(node: string): Overrides {
    const values = new Map<string, unknown>();
    const unused: string[] = [];
    for (const setting of this.#settings) {
      if (!('file' in setting)) {
        const { target, name, value } = setting;
        if (target === undefined || matches(target, node)) values.set(name, value);
        continue;
      }
      const own = setting.sections.filter(([name]) => matches(name, node));
      if (own.length === 0) unused.push(setting.file);
      for (const [, section] of own) {
        for (const [key, value] of flatten(section, '')) values.set(key, value);
      }
    }
    return { values, unused };
  }
}

function readAssignment(text: string): Setting {
  const [, target, name, value] = /^(?:([^:=]+):)?([^:=]+):=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new NodeError(`\`-p ${text}\`: expected \`NAME:=VALUE\``);
  try {
    return { target, name, value: parseRosYaml(value) };
  } catch (cause) {
    throw new NodeError(`\`-p ${text}\`: the value is no YAML: ${firstLine(cause)}`, { cause });
  }
}

function readFile(file: string, text: string): Section[] {
  let content: unknown;
  try {
    content = parseRosYaml(text);
  } catch (cause) {
    throw new NodeError(`${file} is no YAML: ${firstLine(cause)}`, { file, cause });
  }
  if (!isMap(content)) throw new NodeError(`${file} is no parameter file: expected ${FORM}`, { file });
  return sections(file, content, '');
}

const FORM = '`NODE: {ros__parameters: {NAME: VALUE}}`, where NODE may be `/**`';

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

/** Sections by the name of their node; namespaces may be nested. */
function sections(file: string, content: Readonly<Record<string, unknown>>, prefix: string): Section[] {
  return Object.entries(content).flatMap(([key, value]): Section[] => {
    const name = prefix === '' ? key : `${prefix.replace(/\/$/, '')}/${key.replace(/^\//, '')}`;
    if (!isMap(value))
      throw new NodeError(`${file} is no parameter file: \`${name}\` is in no section; expected ${FORM}`, {
        file,
      });
    if (!('ros__parameters' in value)) return sections(file, value, name);
    if (!isMap(value.ros__parameters))
      throw new NodeError(`${file}: \`ros__parameters\` of \`${name}\` has no parameters; expected ${FORM}`, {
        file,
      });
    return [[name, value.ros__parameters]];
  });
}

function flatten(section: unknown, prefix: string): [name: string, value: unknown][] {
  if (!isMap(section)) return [];
  return Object.entries(section).flatMap(([key, value]): [string, unknown][] =>
    isMap(value) ? flatten(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value]],
  );
}

function matches(pattern: string, node: string): boolean {
  if (!pattern.includes('/') && !pattern.includes('*')) return node.split('/').at(-1) === pattern;
  const absolute = pattern.startsWith('/') ? pattern : `/${pattern}`;
  const expression = absolute
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\/\*\*/g, '(/[^/]+)#')
    .replace(/\*/g, '[^/]+')
    .replace(/#/g, '*');
  return new RegExp(`^${expression}$`).test(node);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
