import { TrainingError } from '../../errors.js';
import { isLegacyCheckpoint, readLegacyCheckpoint } from './legacy-checkpoint.js';
import { isKind, type PickleDictionary, type PickleValue } from './pickle-values.js';
import { floatValues, type TensorView } from './tensor-view.js';
import { readZipCheckpoint } from './zip-checkpoint.js';

/** The tensors of a PyTorch checkpoint by name, and the plain values that stand beside them. */
export interface Checkpoint {
  readonly format: 'zip' | 'legacy';
  readonly tensors: ReadonlyMap<string, TensorView>;
  readonly values: ReadonlyMap<string, number | string | boolean>;
  /** The values of one of its tensors. @throws TrainingError naming the tensor. */
  floats(name: string): Float32Array;
}

/** Names under which training scripts keep the weights beside other things. */
const NESTED = ['state_dict', 'model_state_dict', 'model'] as const;

/**
 * Reads what `torch.save(model.state_dict(), ...)` wrote, in the zip format or in the older one, without executing any of it.
 * Weights may also lie one level deeper, under `state_dict`, `model_state_dict` or `model`; the prefix `module.` of
 * parallel training is taken off.
 * @param bytes the whole file, which must stay unchanged while the checkpoint is used.
 * @param source file name for messages.
 * @throws TrainingError naming the file, what was expected and how to save it again.
 */
export function readCheckpoint(bytes: Uint8Array, source: string): Checkpoint {
  const format = isZip(bytes) ? 'zip' : 'legacy';
  return explained(source, () => {
    if (format === 'legacy' && !isLegacyCheckpoint(bytes))
      throw new TrainingError(
        'it is no PyTorch checkpoint. Expected a file that `torch.save` wrote, not empty, an archive of checkpoints or a web page',
      );
    const { root, bytesOf } =
      format === 'zip' ? readZipCheckpoint(bytes, source) : readLegacyCheckpoint(bytes);
    const { tensors, values } = stateOf(root);
    return {
      format,
      tensors,
      values,
      floats: (name) =>
        explained(`${source}: \`${name}\``, () => {
          const tensor = tensors.get(name);
          if (tensor === undefined) throw new TrainingError('there is no such tensor');
          return floatValues(tensor, bytesOf(tensor.storage));
        }),
    };
  });
}

/** `PK`: also a zip file that was cut off. */
function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

function stateOf(root: PickleValue): Pick<Checkpoint, 'tensors' | 'values'> {
  if (!isKind(root, 'dictionary'))
    throw new TrainingError('it holds no dictionary of weights. Expected `model.state_dict()`');
  for (const candidate of [root, ...NESTED.map((name) => root.entries.get(name))]) {
    if (!isKind(candidate, 'dictionary')) continue;
    const state = entriesOf(candidate);
    if (state.tensors.size > 0) return state;
  }
  throw new TrainingError(
    `it holds no weights: no tensor at the top nor under ${NESTED.map((name) => `\`${name}\``).join(', ')}`,
  );
}

function entriesOf({ entries }: PickleDictionary): {
  tensors: Map<string, TensorView>;
  values: Map<string, number | string | boolean>;
} {
  const tensors = new Map<string, TensorView>();
  const values = new Map<string, number | string | boolean>();
  const parallel = [...entries].every(
    ([key, value]) => !isKind(value, 'tensor') || (typeof key === 'string' && key.startsWith('module.')),
  );
  for (const [key, value] of entries) {
    if (typeof key !== 'string') continue;
    const name = parallel && key.startsWith('module.') ? key.slice('module.'.length) : key;
    if (isKind(value, 'tensor')) tensors.set(name, value);
    else if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean')
      values.set(name, value);
  }
  return { tensors, values };
}

function explained<T>(source: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof TrainingError) || error.message.startsWith(source)) throw error;
    throw new TrainingError(`${source} cannot be read as PyTorch weights: ${error.message}.`, {
      cause: error,
    });
  }
}
