/*
 * Just enough of the WebAssembly binary format to write a loop over packed floats: instructions are byte lists, operands
 * before the instruction that takes them. Source: WebAssembly core specification 2.0, section 5.
 */

export type Code = readonly number[];

export const I32 = 0x7f;
export const F32 = 0x7d;
export const V128 = 0x7b;

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

const packed =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(opcode)];

export const getLocal = (index: number): Code => [0x20, ...unsigned(index)];
export const setLocal = (index: number, value: Code): Code => [...value, 0x21, ...unsigned(index)];
/** Four floats at an address, which need not be aligned. */
export const load = (address: Code): Code => [...address, 0xfd, 0x00, 0, 0];
export const store = (address: Code, value: Code): Code => [...address, ...value, 0xfd, 0x0b, 0, 0];
/** One number in all four lanes. */
export const splat = packed(0x13);
export const sqrt = packed(0xe3);
export const add = packed(0xe4);
export const subtract = packed(0xe5);
export const multiply = packed(0xe6);
export const divide = packed(0xe7);

/** Adds a small constant, below 64, to an integer local. */
export const advance = (local: number, by: number): Code =>
  setLocal(local, [...getLocal(local), 0x41, by, 0x6a]);

/** Runs `body` again and again while local `a` is less than local `b`, at least once. */
export const loopWhileLess = (a: number, b: number, body: Code): Code => [
  ...[0x03, 0x40],
  ...body,
  ...[...getLocal(a), ...getLocal(b), 0x49],
  ...[0x0d, 0, 0x0b],
];

/**
 * A module with one function, `run`, over the imported memory `host.memory`.
 * @param locals types of the locals behind the parameters.
 */
export function encodeModule(
  parameters: readonly number[],
  locals: readonly number[],
  body: Code,
): Uint8Array {
  const section = (id: number, bytes: readonly number[]): number[] => [
    id,
    ...unsigned(bytes.length),
    ...bytes,
  ];
  const text = (value: string): number[] => [value.length, ...Buffer.from(value, 'latin1')];
  const code = [...unsigned(locals.length), ...locals.flatMap((type) => [1, type]), ...body, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, ...unsigned(parameters.length), ...parameters, 0]),
    ...section(2, [1, ...text('host'), ...text('memory'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('run'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}
