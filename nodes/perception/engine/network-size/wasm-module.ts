import { type Code, unsigned } from './wasm-code.js';

/** A function without a result. */
export interface WasmFunction {
  readonly params: readonly WasmType[];
  readonly locals: readonly WasmType[];
  readonly body: Code;
}

export type WasmType = keyof typeof TYPES;

/** Source: WebAssembly specification 2.0, 5.3. */
const TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;

/** Calls a function of a module: numbers in the order of its parameters. */
export type WasmCall = (...values: number[]) => void;

export interface WasmProgram<Name extends string> {
  /** Its whole memory, whose place and size never change. */
  readonly memory: ArrayBuffer;
  readonly calls: Readonly<Record<Name, WasmCall>>;
}

/** Part of the language's environment in Node, but of TypeScript's types for browsers only. */
declare const WebAssembly: {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, WasmCall>> };
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

const PAGE_BYTES = 1 << 16;
const EMPTY_MODULE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Makes a program of functions over memory of at least `bytes`. */
export function wasmProgram<Name extends string>(
  functions: Readonly<Record<Name, WasmFunction>>,
  bytes: number,
): WasmProgram<Name> {
  const pages = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const module = new WebAssembly.Module(encoded(functions));
  const { exports } = new WebAssembly.Instance(module, { host: { memory } });
  // The module exports every function under its name.
  return { memory: memory.buffer, calls: exports as Record<Name, WasmCall> };
}

/** Whether this machine runs such functions: WebAssembly's vectors need SSE 4.1 or NEON. */
export function canRun(functions: Readonly<Record<string, WasmFunction>>): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(encoded(functions));
}

function encoded(functions: Readonly<Record<string, WasmFunction>>): Uint8Array {
  const all = Object.entries(functions);
  const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
  const text = (value: string): Code => vector([...Buffer.from(value, 'utf8')].map((byte) => [byte]));
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
  const types = (list: readonly WasmType[]): Code => vector(list.map((type) => [TYPES[type]]));
  const [functionImport, memoryKind, withMaximum] = [0x00, 0x02, 0x00] as const;
  const code = all.map(([, { locals, body }]): Code => {
    const content = [...vector(locals.map((type) => [1, TYPES[type]])), ...body, 0x0b];
    return [...unsigned(content.length), ...content];
  });
  return Uint8Array.from([
    ...EMPTY_MODULE,
    ...section(1, vector(all.map(([, { params }]) => [0x60, ...types(params), 0x00]))),
    ...section(2, vector([[...text('host'), ...text('memory'), memoryKind, withMaximum, 1]])),
    ...section(3, vector(all.map((_, index) => unsigned(index)))),
    ...section(7, vector(all.map(([name], index) => [...text(name), functionImport, ...unsigned(index)]))),
    ...section(10, vector(code)),
  ]);
}
