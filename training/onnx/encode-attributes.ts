import { TrainingError } from '../errors.js';
import type { Attribute, TensorLiteral } from './model-proto.js';

/**
 * A node attribute. A number or bigint is an INT and an array of them INTS (integers only: ONNX tells `1` from `1.0`). Floats
 * are written `{ float: 0.1 }` and `{ floats: [1, 2] }`. Undefined attributes are left out.
 */
export type AttributeValue =
  | number
  | bigint
  | string
  | readonly (number | bigint)[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: TensorLiteral }
  | undefined;

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** The attributes of a node as the file format has them. @throws TrainingError for a number that is no integer. */
export function encodeAttributes(opType: string, attributes: Attributes): (readonly [string, Attribute])[] {
  const encoded: (readonly [string, Attribute])[] = [];
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) encoded.push([name, encodeAttribute(`${opType}.${name}`, value)]);
  }
  return encoded;
}

function encodeAttribute(label: string, value: Exclude<AttributeValue, undefined>): Attribute {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'number' || typeof value === 'bigint')
    return { kind: 'int', value: integer(label, value) };
  if ('float' in value) return { kind: 'float', value: value.float };
  if ('floats' in value) return { kind: 'floats', value: value.floats };
  if ('tensor' in value) return { kind: 'tensor', value: value.tensor };
  if (value.length > 0 && value.every((item) => typeof item === 'string')) {
    return { kind: 'strings', value: value.map(String) };
  }
  return { kind: 'ints', value: value.map((item) => integer(label, item)) };
}

function integer(label: string, value: number | bigint | string): number | bigint {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) return value;
  throw new TrainingError(
    `attribute ${label}: expected an integer, or \`{ float: ${value} }\`, got ${value}`,
  );
}
