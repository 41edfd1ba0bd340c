import type { ElementType } from './element-types.js';
import type { Storage, TensorView } from './tensor-view.js';

/** What a pickle may build here. Dictionaries are `Map`s, so no key can touch an object's prototype. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | TensorView
  | PickleList
  | PickleTuple
  | PickleDictionary
  | PickleSet
  | PickleClass
  | PickleStorage
  | PickleOther;

export interface PickleList {
  readonly kind: 'list';
  readonly items: PickleValue[];
}

export interface PickleTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

/** Keys that are no primitive values count as different even if Python holds them for equal. */
export interface PickleDictionary {
  readonly kind: 'dictionary';
  readonly entries: Map<PickleValue, PickleValue>;
}

export interface PickleSet {
  readonly kind: 'set';
  readonly items: PickleValue[];
}

/** A global that the pickle names and that is on the list of the allowed. Only its name is kept. */
export interface PickleClass {
  readonly kind: 'class';
  readonly name: string;
  /** Element type of a storage class. */
  readonly element?: ElementType;
}

export interface PickleStorage {
  readonly kind: 'storage';
  readonly storage: Storage;
}

/** Something harmless that no weight needs, such as a `torch.device`. */
export interface PickleOther {
  readonly kind: 'other';
  readonly name: string;
}

/** Whether a value is one of the objects above, of the given kind. */
export function isKind<K extends 'list' | 'tuple' | 'dictionary' | 'set' | 'class' | 'storage' | 'tensor'>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { readonly kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}
