import { TrainingError } from '../../errors.js';
import { ByteCursor } from './byte-cursor.js';
import type { ElementType } from './element-types.js';
import { unpickle } from './pickle-machine.js';
import { isKind, type PickleTuple, type PickleValue } from './pickle-values.js';
import { storageOf } from './storage-id.js';
import type { PickledCheckpoint } from './zip-checkpoint.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/** Whether a file may be of the old format: it begins with a pickle. */
export function isLegacyCheckpoint(bytes: Uint8Array): boolean {
  return bytes[0] === 0x80;
}

/**
 * The format before PyTorch 1.6, in which SGDepth and Monodepth2 were published. Pickles of the magic number, the protocol,
 * the machine, the value and the list of storages come first. Then come the length (int64) and the numbers of every storage,
 * always little-endian. Source: PyTorch, `torch/serialization.py` (`_legacy_save`).
 */
export function readLegacyCheckpoint(bytes: Uint8Array): PickledCheckpoint {
  const cursor = new ByteCursor(bytes);
  if (unpickle(cursor, refuse) !== MAGIC) throw new TrainingError('its magic number is not that of PyTorch');
  const protocol = unpickle(cursor, refuse);
  if (protocol !== PROTOCOL)
    throw new TrainingError(`its old format has the version ${String(protocol)}; expected \`${PROTOCOL}\``);
  unpickle(cursor, refuse); // the machine that wrote it
  const types = new Map<string, ElementType>();
  const root = unpickle(cursor, (id) => {
    const storage = storageOf(id);
    types.set(storage.key, storage.type);
    return { kind: 'storage', storage };
  });
  const data = readStorages(cursor, unpickle(cursor, refuse), types);
  return {
    root,
    bytesOf({ key }) {
      const found = data.get(key);
      if (found === undefined) throw new TrainingError(`it has no storage \`${key}\``);
      return { bytes: found, littleEndian: true };
    },
  };
}

function readStorages(
  cursor: ByteCursor,
  keys: PickleValue,
  types: ReadonlyMap<string, ElementType>,
): Map<string, Uint8Array> {
  if (!isKind(keys, 'list')) throw new TrainingError('its list of storages is missing');
  const data = new Map<string, Uint8Array>();
  for (const key of keys.items) {
    const type = typeof key === 'string' || typeof key === 'number' ? types.get(String(key)) : undefined;
    if (type === undefined) throw new TrainingError('its list of storages does not fit its tensors');
    data.set(String(key), cursor.take(cursor.uint64() * type.bytes));
  }
  return data;
}

function refuse(_: PickleTuple): never {
  throw new TrainingError('its header refers to a storage');
}
