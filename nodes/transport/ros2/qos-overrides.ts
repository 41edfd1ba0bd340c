import { NodeError } from '../../errors.js';
import { DURABILITIES, type QosProfile, RELIABILITIES } from './qos.js';

/** The two ends of a topic at a node. */
export type TopicEnd = 'publisher' | 'subscription';

const PREFIX = 'qos_overrides.';
/** `qos_overrides./camera/image_raw.subscription.reliability`; an end may have an id, which those of rxdepth have not. */
const NAME = /^qos_overrides\.(\/[^.]+)\.(publisher|subscription)(_[^.]+)?\.([a-z_]+)$/;
/** Source: rclcpp/qos_overriding_options.hpp. Those that are not honoured here are named. */
const POLICIES = ['reliability', 'durability', 'depth', 'history'] as const;
const FOREIGN = ['deadline', 'lifespan', 'liveliness', 'liveliness_lease_duration'];

type Policy = (typeof POLICIES)[number];
type Change = Partial<Pick<QosProfile, 'reliability' | 'durability' | 'depth'>>;

/**
 * The qualities of service that the user gives topics, by the parameter names that ROS 2 has for it
 * (`qos_overrides.TOPIC.publisher|subscription.POLICY`). Topics go by their full names, after remapping.
 */
export class QosOverrides {
  readonly #changes = new Map<string, Change>();
  /** What is left aside, for people. */
  readonly ignored: readonly string[];

  /**
   * @param values of all parameters; those of other names are not looked at
   * @throws NodeError naming a parameter that is none, or whose value cannot be.
   */
  constructor(values: ReadonlyMap<string, unknown>) {
    const ignored: string[] = [];
    for (const [name, value] of values) {
      if (!QosOverrides.names(name)) continue;
      const [, topic, end, id, policy = ''] = NAME.exec(name) ?? [];
      if (topic === undefined || end === undefined)
        throw wrong(name, 'qos_overrides./FULL/TOPIC.publisher|subscription.POLICY', name);
      if (id !== undefined) ignored.push(`\`${name}\`: no ${end} of this node has an id`);
      else if (FOREIGN.includes(policy))
        ignored.push(`\`${name}\`: \`${policy}\` cannot be set here; ${POLICIES.join(', ')} can`);
      else {
        const key = keyOf(end as TopicEnd, topic); // by the pattern
        this.#changes.set(key, { ...this.#changes.get(key), ...changeOf(name, policy, value) });
      }
    }
    this.ignored = ignored;
  }

  /** Whether a parameter is one of these. */
  static names(parameter: string): boolean {
    return parameter.startsWith(PREFIX);
  }

  /** The profile that one end of a topic gets. @param topic full name */
  apply(end: TopicEnd, topic: string, qos: QosProfile): QosProfile {
    return { ...qos, ...this.#changes.get(keyOf(end, topic)) };
  }

  /** Whether the user said anything of one end of a topic. */
  has(end: TopicEnd, topic: string): boolean {
    return this.#changes.has(keyOf(end, topic));
  }
}

function keyOf(end: TopicEnd, topic: string): string {
  return `${end} ${topic}`;
}

function changeOf(name: string, policy: string, value: unknown): Change {
  switch (policy as Policy) {
    case 'reliability':
      return { reliability: oneOf(name, RELIABILITIES, value) };
    case 'durability':
      return { durability: oneOf(name, DURABILITIES, value) };
    case 'depth':
      if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 10_000)
        return { depth: value };
      throw wrong(name, 'a whole number from 1 to 10000', value);
    case 'history':
      oneOf(name, ['keep_last'], value);
      return {};
    default:
      throw wrong(name, POLICIES.join(' | '), policy);
  }
}

function oneOf<T extends string>(name: string, choices: readonly T[], value: unknown): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw wrong(name, choices.join(' | '), value);
  return found;
}

function wrong(name: string, expected: string, got: unknown): NodeError {
  return new NodeError(`\`${name}\`: expected \`${expected}\`, got ${JSON.stringify(got) ?? 'nothing'}`, {
    field: name,
  });
}
