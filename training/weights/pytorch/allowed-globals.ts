import { TrainingError } from '../../errors.js';
import { STORAGE_TYPES } from './element-types.js';
import { isKind, type PickleClass, type PickleTuple, type PickleValue } from './pickle-values.js';
import { tensorView } from './tensor-view.js';

/** Rebuilds what a call in the pickle stands for, from its arguments alone. */
type Build = (args: readonly PickleValue[]) => PickleValue;

const ORDERED_DICTIONARY = 'collections.OrderedDict';

/**
 * Every global whose call is understood. Nothing of Python is run: each stands for one of the functions below.
 * Source: PyTorch, `torch/_utils.py` (arguments of the rebuild functions).
 */
const BUILDERS: ReadonlyMap<string, Build> = new Map<string, Build>([
  [ORDERED_DICTIONARY, orderedDictionary],
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ['torch.Size', ([items]) => (isKind(items, 'tuple') ? items : { kind: 'tuple', items: [] })],
  ['torch.device', () => ({ kind: 'other', name: 'torch.device' })],
]);

/**
 * The class that a pickle names.
 * @throws TrainingError naming a global that is not on the list: it is not looked up, let alone executed.
 */
export function allowedGlobal(name: string): PickleClass {
  const element = STORAGE_TYPES.get(name);
  if (element !== undefined) return { kind: 'class', name, element };
  if (BUILDERS.has(name)) return { kind: 'class', name };
  throw new TrainingError(
    `it names \`${printable(name)}\`, which is not one of the few globals that weights need, and is not executed. ` +
      'Save the weights alone in Python: `torch.save(model.state_dict(), "weights.pth")`',
  );
}

/** Carries out a call of an allowed global. @throws TrainingError when the arguments do not fit. */
export function buildAllowed({ name }: PickleClass, args: PickleTuple): PickleValue {
  const build = BUILDERS.get(name);
  if (build === undefined) throw new TrainingError(`it calls \`${name}\`, which is a class of storages`);
  return build(args.items);
}

function orderedDictionary([pairs]: readonly PickleValue[]): PickleValue {
  const entries = new Map<PickleValue, PickleValue>();
  // Python 2 wrote the pairs as an argument, later versions add them by SETITEMS. More than that is a trap.
  if (pairs === undefined) return { kind: 'dictionary', entries };
  if (!isKind(pairs, 'list')) throw new TrainingError('an `OrderedDict` is not made of a list of pairs');
  for (const pair of pairs.items) {
    const [key, value] = isKind(pair, 'list') || isKind(pair, 'tuple') ? pair.items : [];
    if (key === undefined || value === undefined)
      throw new TrainingError('an `OrderedDict` is not made of a list of pairs');
    entries.set(key, value);
  }
  return { kind: 'dictionary', entries };
}

/** Arguments: storage, offset, size, stride, and what training needs. */
function rebuildTensor([storage, offset, size, stride]: readonly PickleValue[]): PickleValue {
  if (!isKind(storage, 'storage'))
    throw new TrainingError('a tensor is made of something else than a storage');
  return tensorView(storage.storage, integer(offset), integers(size), integers(stride));
}

/** Arguments: tensor, and what training needs. */
function rebuildParameter([data]: readonly PickleValue[]): PickleValue {
  if (!isKind(data, 'tensor')) throw new TrainingError('a parameter is made of something else than a tensor');
  return data;
}

function integers(value: PickleValue | undefined): number[] {
  if (!isKind(value, 'tuple') && !isKind(value, 'list'))
    throw new TrainingError('the size or stride of a tensor is no tuple');
  // Far more than a tensor has; tensorView says so.
  return value.items.slice(0, 100).map(integer);
}

function integer(value: PickleValue | undefined): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new TrainingError('the size, stride or offset of a tensor is no integer');
  return value;
}

function printable(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}
