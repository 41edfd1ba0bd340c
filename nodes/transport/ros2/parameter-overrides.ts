import { parse } from 'yaml';
import { NodeError } from '../../errors.js';

/**
 * The parameter values that a command line gives a node: `--ros-args -p NAME:=VALUE -p NODE:NAME:=VALUE --params-file FILE`,
 * later ones over earlier ones. A file's sections are keyed by the node's name (`perception`), its full name
 * (`/front/perception`), or with the wildcards `*` (one token) and `**` (any tokens), as rcl_yaml_param_parser has it.
 *
 * Read here, because rclnodejs 2.2 ignores sections with a namespace, which is how launch files pass parameters.
 * @param args without the program
 * @param node full name
 * @param read the text of a file
 * @throws NodeError naming the file that cannot be read or is no parameter file.
 */
export function parameterOverrides(
  args: readonly string[],
  node: string,
  read: (file: string) => string,
): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  const begin = args.indexOf('--ros-args');
  const end = args.indexOf('--', begin + 1);
  const rosArgs = begin < 0 ? [] : args.slice(begin + 1, end < 0 ? undefined : end);
  rosArgs.forEach((arg, index) => {
    const value = rosArgs[index + 1];
    if (value === undefined) return;
    if (arg === '--params-file') readFile(value, node, read(value), values);
    else if (arg === '-p' || arg === '--param') readAssignment(value, node, values);
  });
  return values;
}

function readAssignment(text: string, node: string, values: Map<string, unknown>): void {
  const [, target, name, value] = /^(?:([^:=]+):)?([^:=]+):=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) return;
  if (target === undefined || matches(target, node)) values.set(name, parse(value));
}

function readFile(file: string, node: string, text: string, values: Map<string, unknown>): void {
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw new NodeError(`${file} is no YAML: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
  for (const [name, section] of sections(content, '')) {
    if (!matches(name, node)) continue;
    for (const [key, value] of flatten(section, '')) values.set(key, value);
  }
}

/** Sections by the name of their node; namespaces may be nested. */
function sections(content: unknown, prefix: string): [name: string, parameters: unknown][] {
  if (!isMap(content)) return [];
  return Object.entries(content).flatMap(([key, value]): [string, unknown][] => {
    const name = prefix === '' ? key : `${prefix.replace(/\/$/, '')}/${key.replace(/^\//, '')}`;
    if (!isMap(value)) return [];
    return 'ros__parameters' in value ? [[name, value.ros__parameters]] : sections(value, name);
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
