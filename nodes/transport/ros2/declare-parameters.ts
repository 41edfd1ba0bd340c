import type { ParameterDeclaration, ParameterValue } from './parameter-declaration.js';
import type { Rclnodejs, RclParameter, RclPlainNode } from './rclnodejs.js';

/** Source: rcl_interfaces/ParameterType. */
const TYPE = { bool: 1, integer: 2, double: 3, string: 4 } as const;

/**
 * Declares parameters with their descriptors, and has every change judged. `judge` gets all values of one atomic change and
 * says why it is refused, if it is.
 * @param values at the start, valid; what is left out gets its default
 */
export function declareParameters(
  rcl: Rclnodejs,
  node: RclPlainNode,
  declarations: readonly ParameterDeclaration[],
  values: ReadonlyMap<string, ParameterValue>,
  judge: (changes: ReadonlyMap<string, unknown>) => string | undefined,
): void {
  const names = new Set(declarations.map(({ name }) => name));
  // Those that rclnodejs has declared itself, as `use_sim_time`.
  const foreign = new Map(node.getParameterDescriptors().map(({ name, type: id }) => [name, id]));
  for (const declaration of declarations) {
    const { name, type, description } = declaration;
    const value = values.get(name) ?? declaration.default;
    const descriptor = new rcl.ParameterDescriptor(name, TYPE[type], description, false);
    if (declaration.choices) descriptor.additionalConstraints = `one of: ${declaration.choices.join(', ')}`;
    const ranged = { ...descriptor.toMessage(), ...rangeOf(declaration) };
    descriptor.toMessage = () => ranged;
    node.declareParameter(new rcl.Parameter(name, TYPE[type], toRcl(type, value)), descriptor, true);
  }
  // It would refuse another type, of all parameters, with "does not  readonly".
  for (const descriptor of node.getParameterDescriptors()) descriptor.validateParameter = () => {};
  // `ros2 param set NODE max_age 2` sends an integer, which ROS takes for a double nowhere.
  const doubles = new Set(declarations.filter(({ type }) => type === 'double').map(({ name }) => name));
  node.addPreSetParametersCallback((parameters) =>
    parameters.map((parameter) =>
      doubles.has(parameter.name) && parameter.type === TYPE.integer
        ? new rcl.Parameter(parameter.name, TYPE.double, fromRcl(parameter.value))
        : parameter,
    ),
  );
  node.addOnSetParametersCallback((parameters) => {
    try {
      const changes = new Map(
        parameters.filter(({ name }) => names.has(name)).map(({ name, value }) => [name, fromRcl(value)]),
      );
      const refusal =
        foreignRefusal(foreign, parameters) ?? (changes.size === 0 ? undefined : judge(changes));
      return { successful: refusal === undefined, reason: refusal ?? '' };
    } catch (error) {
      // An exception would abort the process.
      return { successful: false, reason: error instanceof Error ? error.message : String(error) };
    }
  });
}

/** Why parameters of rclnodejs cannot be set: another type, or none, which would delete them. */
function foreignRefusal(
  foreign: ReadonlyMap<string, number>,
  parameters: readonly RclParameter[],
): string | undefined {
  const nameOf = (id: number) => Object.entries(TYPE).find(([, known]) => known === id)?.[0] ?? 'value';
  for (const { name, type, value } of parameters) {
    const id = foreign.get(name);
    if (id === undefined || id === type) continue;
    const expected = id === TYPE.bool ? 'true | false' : `a ${nameOf(id)}`;
    return `\`${name}\`: expected \`${expected}\`, got ${JSON.stringify(fromRcl(value)) ?? 'nothing'}`;
  }
  return undefined;
}

/**
 * For `ros2 param describe` and sliders: what is out of range is refused by `judge`, which says why. rclnodejs 2.2 takes a
 * range, and leaves it out of the message.
 */
function rangeOf({ type, range }: ParameterDeclaration): object {
  if (range === undefined) return {};
  const [least, most] = range;
  return type === 'integer'
    ? { integer_range: [{ from_value: BigInt(least), to_value: BigInt(most), step: 1n }] }
    : { floating_point_range: [{ from_value: least, to_value: most, step: 0 }] };
}

function toRcl(type: ParameterDeclaration['type'], value: ParameterValue): unknown {
  return type === 'integer' ? BigInt(value) : value;
}

function fromRcl(value: unknown): unknown {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as unknown[], fromRcl);
  return typeof value === 'bigint' ? Number(value) : value;
}
