import { TrainingError } from '../../errors.js';
import { isKind, type PickleTuple, type PickleValue } from './pickle-values.js';
import type { Storage } from './tensor-view.js';

/**
 * The storage that a persistent id stands for: `('storage', class, key, device, length)`, in the old format followed by
 * `None` or by `(key, start, length)` of a part of that storage.
 * Source: PyTorch, `torch/serialization.py` (`persistent_id` of both formats).
 * @throws TrainingError when the id is of another form.
 */
export function storageOf({ items }: PickleTuple): Storage {
  const [tag, type, key, , length, part] = items;
  if (
    tag !== 'storage' ||
    !isKind(type, 'class') ||
    type.element === undefined ||
    (typeof key !== 'string' && typeof key !== 'number') ||
    !isCount(length)
  )
    throw new TrainingError('its pickle refers to a storage in an unknown way');
  const whole = { type: type.element, key: String(key), length, start: 0 };
  if (!isKind(part, 'tuple')) return whole;
  const [, start, partLength] = part.items;
  if (!isCount(start) || !isCount(partLength))
    throw new TrainingError('its pickle refers to a part of a storage in an unknown way');
  return { ...whole, start, length: partLength };
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
