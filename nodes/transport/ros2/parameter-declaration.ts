export type ParameterValue = string | number | boolean;

/** A parameter as ROS wants it declared. */
export interface ParameterDeclaration {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'double' | 'bool';
  readonly default: ParameterValue;
  /** One sentence, with the unit. */
  readonly description: string;
  /** Least and largest value of a number. */
  readonly range?: readonly [least: number, most: number];
  /** What a string may be. */
  readonly choices?: readonly string[];
}
