/** Code of a WebAssembly function as bytes; most pieces leave one value on the stack. Source: WebAssembly specification 2.0, 5.4. */
export type Code = readonly number[];

/** A place in a function's list of parameters and locals. */
type Local = number;

const SIMD = 0xfd;
/** Exponents of alignments that loads and stores promise: a hint, which no program depends on. */
const BYTE = 0;

const binary = (opcode: number) => (a: Code, b: Code) => [...a, ...b, opcode];
const unary = (...opcode: Code) => {
  return (value: Code): Code => [...value, ...opcode];
};
const simd = (opcode: number): Code => [SIMD, ...unsigned(opcode)];
const vectors = (opcode: number) => (a: Code, b: Code) => [...a, ...b, ...simd(opcode)];
const load = (opcode: Code) => {
  return (address: Code, offset = 0): Code => [...address, ...opcode, BYTE, ...unsigned(offset)];
};
const store = (opcode: Code) => {
  return (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...opcode,
    BYTE,
    ...unsigned(offset),
  ];
};

/** The instructions that the kernels of this folder are made of, by their names in the specification. */
export const wasm = {
  get: (local: Local): Code => [0x20, ...unsigned(local)],
  set: (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local)],
  /** Several pieces one after the other. */
  all: (...pieces: readonly Code[]): Code => pieces.flat(),

  i32: (value: number): Code => [0x41, ...signed(value)],
  i32Add: binary(0x6a),
  i32Minus: binary(0x6b),
  i32Times: binary(0x6c),
  i32Less: binary(0x49),
  i32Load: load([0x28]),
  i32Load8: load([0x2d]),
  i32Store: store([0x36]),
  i32Store8: store([0x3a]),

  f32Load: load([0x2a]),
  f32Store: store([0x38]),

  f32: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],

  v128Load: load(simd(0)),
  v128Load8x8: load(simd(2)),
  v128LoadSplat32: load(simd(9)),
  /** Two numbers, and zeros behind them. */
  v128LoadLow64: load(simd(0x5d)),
  v128Store: store(simd(11)),
  v128And: vectors(78),
  i32x4LowU16: unary(...simd(0xa9)),
  /** Bytes of two vectors, 0..15 of the first and 16..31 of the second, by four whole numbers each. */
  shuffle32: (a: Code, b: Code, lanes: readonly [number, number, number, number]): Code => [
    ...a,
    ...b,
    ...simd(13),
    ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
  ],
  f32x4Splat: unary(...simd(19)),
  f32x4Add: vectors(0xe4),
  f32x4Multiply: vectors(0xe6),
  f32x4Divide: vectors(0xe7),
  f32x4Greater: vectors(0x44),
  f32x4LessOrEqual: vectors(0x45),
  f32x4Nearest: unary(...simd(0x6a)),
  f32x4FromInt: unary(...simd(0xfa)),
  intFromF32x4: unary(...simd(0xf9)),
  u16FromInts: vectors(0x86),

  /** Copies bytes; the places may overlap. */
  copy: (to: Code, from: Code, length: Code): Code => [...to, ...from, ...length, 0xfc, 10, 0, 0],

  /** Repeats `body` while `condition` holds at its end; it runs once at least. */
  repeat: (body: Code, condition: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0x00, 0x0b],
} as const;

/** LEB128. */
export function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return bytes;
}

function signed(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const byte = rest & 0x7f;
    const isLast = (rest >> 6 === 0 && (byte & 0x40) === 0) || (rest >> 6 === -1 && (byte & 0x40) !== 0);
    bytes.push(isLast ? byte : byte | 0x80);
    if (isLast) return bytes;
  }
}
