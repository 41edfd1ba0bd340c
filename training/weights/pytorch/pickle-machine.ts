import { TrainingError } from '../../errors.js';
import { allowedGlobal, buildAllowed } from './allowed-globals.js';
import type { ByteCursor } from './byte-cursor.js';
import { isKind, type PickleTuple, type PickleValue } from './pickle-values.js';

/** What a persistent id stands for: PyTorch keeps its storages outside of the pickle. */
export type ResolvePersistent = (id: PickleTuple) => PickleValue;

/** Longest name of a module or class, bytes. */
const LONGEST_NAME = 1024;
/** Longest integer, bytes: PyTorch's magic number has 10. */
const LONGEST_INTEGER = 32;
/** Elements that single instructions may move, per byte of the pickle: each is put there by one of at least a byte. */
const MOST_MOVES_PER_BYTE = 4;

/**
 * Rebuilds the value of one pickle, protocols 2 to 5, without executing anything. Globals are names from a list, calls stand
 * for a few functions of this project, everything else is refused. Time and memory are bounded by the length of the pickle.
 * Every instruction does a constant amount of work but for those whose moves are counted. Leaves the cursor behind the
 * pickle. Source: CPython, `Lib/pickletools.py` (instructions and their arguments).
 * @throws TrainingError saying what is wrong, without the file's name.
 */
export function unpickle(cursor: ByteCursor, resolve: ResolvePersistent): PickleValue {
  return new Machine(cursor, resolve).run();
}

const MARK = Symbol('mark');

class Machine {
  readonly #cursor: ByteCursor;
  readonly #resolve: ResolvePersistent;
  readonly #stack: (PickleValue | typeof MARK)[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #movesLeft: number;

  constructor(cursor: ByteCursor, resolve: ResolvePersistent) {
    this.#cursor = cursor;
    this.#resolve = resolve;
    this.#movesLeft = 1000 + cursor.remaining * MOST_MOVES_PER_BYTE;
  }

  run(): PickleValue {
    const cursor = this.#cursor;
    if (cursor.uint8() !== 0x80) throw new TrainingError('its pickle has no protocol; expected `2` to `5`');
    const protocol = cursor.uint8();
    if (protocol < 2 || protocol > 5)
      throw new TrainingError(`its pickle has protocol ${protocol}; expected \`2\` to \`5\``);
    for (;;) {
      const at = cursor.position;
      const code = cursor.uint8();
      if (code === 0x2e) return this.#pop(); // STOP
      const carryOut = INSTRUCTIONS.get(code);
      if (carryOut === undefined) {
        throw new TrainingError(
          `its pickle has the instruction 0x${code.toString(16)} at byte ${at}, which no state dictionary needs, ` +
            'and which is not executed. Save the weights alone in Python: `torch.save(model.state_dict(), "weights.pth")`',
        );
      }
      carryOut(this, cursor);
    }
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  mark(): void {
    this.#stack.push(MARK);
  }

  pop(): void {
    if (this.#stack.pop() === undefined) this.#underflow();
  }

  duplicate(): void {
    const value = this.#pop();
    this.#stack.push(value, value);
  }

  /** Takes everything above the latest mark off the stack, and the mark. */
  items(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) return this.#underflow();
    const items = this.#stack.splice(mark).slice(1) as PickleValue[]; // above the last mark there is none
    this.#charge(items.length);
    return items;
  }

  tuple(length: number): void {
    const items = Array.from({ length }, () => this.#pop()).reverse();
    this.push({ kind: 'tuple', items });
  }

  append(items: readonly PickleValue[]): void {
    const list = this.#top();
    if (!isKind(list, 'list') && !isKind(list, 'set'))
      throw new TrainingError('its pickle appends to something else than a list');
    for (const item of items) list.items.push(item);
  }

  setItems(items: readonly PickleValue[]): void {
    const dictionary = this.#top();
    if (!isKind(dictionary, 'dictionary') || items.length % 2 !== 0)
      throw new TrainingError('its pickle sets items of something else than a dictionary');
    for (let i = 0; i < items.length; i += 2) dictionary.entries.set(items[i] ?? null, items[i + 1] ?? null);
  }

  /** The last one or two values, below no mark. */
  take(count: 1 | 2): PickleValue[] {
    const last = this.#pop();
    return count === 1 ? [last] : [this.#pop(), last];
  }

  memoize(index: number | undefined): void {
    this.#memo.set(index ?? this.#memo.size, this.#top());
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined)
      throw new TrainingError(`its pickle recalls value ${index}, which it never kept`);
    this.push(value);
  }

  reduce(): void {
    const args = this.#pop();
    const target = this.#pop();
    if (!isKind(target, 'class') || !isKind(args, 'tuple'))
      throw new TrainingError('its pickle calls something that is no global');
    const [first] = args.items;
    this.#charge(isKind(first, 'list') ? first.items.length : 0);
    this.push(buildAllowed(target, args));
  }

  build(): void {
    this.#pop(); // `_metadata` of a state dictionary
    if (!isKind(this.#top(), 'dictionary'))
      throw new TrainingError('its pickle sets the state of something else than a dictionary');
  }

  globalFromStack(): void {
    const name = this.#pop();
    const module = this.#pop();
    if (typeof name !== 'string' || typeof module !== 'string')
      throw new TrainingError('its pickle names a global by something else than text');
    this.push(allowedGlobal(`${module}.${name}`));
  }

  persistent(): void {
    const id = this.#pop();
    if (!isKind(id, 'tuple'))
      throw new TrainingError('its pickle refers to a storage by something else than a tuple');
    this.push(this.#resolve(id));
  }

  #charge(moves: number): void {
    this.#movesLeft -= moves;
    if (this.#movesLeft < 0) throw new TrainingError('its pickle repeats itself more than any weights would');
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    return value === undefined || value === MARK ? this.#underflow() : value;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    return value === undefined || value === MARK ? this.#underflow() : value;
  }

  #underflow(): never {
    throw new TrainingError('its pickle takes more from its stack than it put there: the file is damaged');
  }
}

type Instruction = (machine: Machine, cursor: ByteCursor) => void;

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Two's complement, little-endian. */
function integer(bytes: Uint8Array): number | bigint {
  if (bytes.length > LONGEST_INTEGER)
    throw new TrainingError(
      `its pickle has an integer of ${bytes.length} bytes, at most \`${LONGEST_INTEGER}\` are read`,
    );
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  value = BigInt.asIntN(8 * bytes.length, value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Every instruction that is carried out; what creates or calls objects in other ways (INST, OBJ, NEWOBJ, EXT) is not here. */
const INSTRUCTIONS: ReadonlyMap<number, Instruction> = new Map<number, Instruction>([
  [0x28, (m) => m.mark()], // MARK
  [0x30, (m) => m.pop()], // POP
  [0x31, (m) => void m.items()], // POP_MARK
  [0x32, (m) => m.duplicate()], // DUP
  [0x4e, (m) => m.push(null)], // NONE
  [0x88, (m) => m.push(true)], // NEWTRUE
  [0x89, (m) => m.push(false)], // NEWFALSE
  [0x4a, (m, c) => m.push(c.int32())], // BININT
  [0x4b, (m, c) => m.push(c.uint8())], // BININT1
  [0x4d, (m, c) => m.push(c.uint16())], // BININT2
  [0x8a, (m, c) => m.push(integer(c.take(c.uint8())))], // LONG1
  [0x8b, (m, c) => m.push(integer(c.take(c.uint32())))], // LONG4
  [0x47, (m, c) => m.push(c.float64BigEndian())], // BINFLOAT
  [0x58, (m, c) => m.push(text(c.take(c.uint32())))], // BINUNICODE
  [0x8c, (m, c) => m.push(text(c.take(c.uint8())))], // SHORT_BINUNICODE
  [0x8d, (m, c) => m.push(text(c.take(c.uint64())))], // BINUNICODE8
  [0x54, (m, c) => m.push(text(c.take(c.uint32())))], // BINSTRING: Python 2
  [0x55, (m, c) => m.push(text(c.take(c.uint8())))], // SHORT_BINSTRING: Python 2
  [0x42, (m, c) => m.push(c.take(c.uint32()))], // BINBYTES
  [0x43, (m, c) => m.push(c.take(c.uint8()))], // SHORT_BINBYTES
  [0x8e, (m, c) => m.push(c.take(c.uint64()))], // BINBYTES8
  [0x96, (m, c) => m.push(c.take(c.uint64()))], // BYTEARRAY8
  [0x5d, (m) => m.push({ kind: 'list', items: [] })], // EMPTY_LIST
  [0x6c, (m) => m.push({ kind: 'list', items: m.items() })], // LIST
  [0x61, (m) => m.append(m.take(1))], // APPEND
  [0x65, (m) => m.append(m.items())], // APPENDS
  [0x29, (m) => m.tuple(0)], // EMPTY_TUPLE
  [0x85, (m) => m.tuple(1)], // TUPLE1
  [0x86, (m) => m.tuple(2)], // TUPLE2
  [0x87, (m) => m.tuple(3)], // TUPLE3
  [0x74, (m) => m.push({ kind: 'tuple', items: m.items() })], // TUPLE
  [0x7d, (m) => m.push({ kind: 'dictionary', entries: new Map() })], // EMPTY_DICT
  [
    0x64, // DICT
    (m) => {
      const items = m.items();
      m.push({ kind: 'dictionary', entries: new Map() });
      m.setItems(items);
    },
  ],
  [0x73, (m) => m.setItems(m.take(2))], // SETITEM
  [0x75, (m) => m.setItems(m.items())], // SETITEMS
  [0x8f, (m) => m.push({ kind: 'set', items: [] })], // EMPTY_SET
  [0x90, (m) => m.append(m.items())], // ADDITEMS
  [0x91, (m) => m.push({ kind: 'set', items: m.items() })], // FROZENSET
  [
    0x63, // GLOBAL
    (m, c) => {
      const module = text(c.line(LONGEST_NAME));
      m.push(allowedGlobal(`${module}.${text(c.line(LONGEST_NAME))}`));
    },
  ],
  [0x93, (m) => m.globalFromStack()], // STACK_GLOBAL
  [0x52, (m) => m.reduce()], // REDUCE
  [0x62, (m) => m.build()], // BUILD
  [0x51, (m) => m.persistent()], // BINPERSID
  [0x95, (_, c) => void c.uint64()], // FRAME: only a hint for buffering
  [0x94, (m) => m.memoize(undefined)], // MEMOIZE
  [0x71, (m, c) => m.memoize(c.uint8())], // BINPUT
  [0x72, (m, c) => m.memoize(c.uint32())], // LONG_BINPUT
  [0x68, (m, c) => m.recall(c.uint8())], // BINGET
  [0x6a, (m, c) => m.recall(c.uint32())], // LONG_BINGET
]);
