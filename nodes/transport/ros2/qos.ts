/** The policies of a ROS 2 quality of service profile that decide whether two ends hear each other. History: keep last. */
export interface QosProfile {
  readonly reliability: Reliability;
  readonly durability: Durability;
  /** Messages kept for a slow reader; 0 of a publisher elsewhere: unknown, as Fast DDS does not tell it. */
  readonly depth: number;
}

export const RELIABILITIES = ['best_effort', 'reliable'] as const;
export type Reliability = (typeof RELIABILITIES)[number];
export const DURABILITIES = ['volatile', 'transient_local'] as const;
export type Durability = (typeof DURABILITIES)[number];

/** What cameras publish with. Source: rmw_qos_profile_sensor_data, but for a depth of 1: only the newest image counts. */
export const SENSOR_DATA: QosProfile = { reliability: 'best_effort', durability: 'volatile', depth: 1 };

/** For status and diagnostics. Source: rmw_qos_profile_default. */
export const RELIABLE: QosProfile = { reliability: 'reliable', durability: 'volatile', depth: 10 };

/** Late subscribers get the last message: class names, /tf_static. */
export const LATCHED: QosProfile = { reliability: 'reliable', durability: 'transient_local', depth: 1 };

export function formatQos({ reliability, durability, depth }: QosProfile): string {
  return `${reliability}, ${durability}${depth > 0 ? `, depth ${depth}` : ''}`;
}

/**
 * Why a subscription that requests one profile gets nothing of a publisher that offers another; undefined when they fit.
 * Source: DDS 1.4, 2.2.3: the offered level has to be at least the requested one.
 */
export function qosMismatch(offered: QosProfile, requested: QosProfile): string | undefined {
  const policies = [
    ...(offered.reliability === 'best_effort' && requested.reliability === 'reliable' ? ['reliability'] : []),
    ...(offered.durability === 'volatile' && requested.durability === 'transient_local'
      ? ['durability']
      : []),
  ];
  if (policies.length === 0) return undefined;
  return (
    `${policies.join(' and ')} does not fit: offered is \`${formatQos(offered)}\`, ` +
    `requested \`${formatQos(requested)}\``
  );
}
