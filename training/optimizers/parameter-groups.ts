/** Parameters that learn at another rate, for example ten times as fast (new heads on a trained encoder). */
export interface ParameterGroup {
  readonly match: RegExp;
  /** Multiplies the learning rate; 0 leaves the parameters as they are. */
  readonly rate: number;
}

/** The factor on the learning rate of a parameter: that of the first group that matches, else 1. */
export function rateOf(groups: readonly ParameterGroup[], name: string): number {
  return groups.find(({ match }) => match.test(name))?.rate ?? 1;
}
