import test from 'ava';
import { wasm } from '../../../../../nodes/perception/engine/network-size/wasm-code.js';
import { canRun, wasmProgram } from '../../../../../nodes/perception/engine/network-size/wasm-module.js';

const { get, i32, i32Add, i32Load, i32Store } = wasm;

test('numbers of every length reach the memory as they are, at any offset', (t) => {
  const values = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8193, 2 ** 31 - 1, -(2 ** 31)];
  const functions = Object.fromEntries(
    values.map((value, index) => [
      `store${index}`,
      {
        params: ['i32'] as const,
        locals: [],
        body: i32Store(get(0), i32Add(i32(value), i32Load(get(0), 1000)), 200 * index),
      },
    ]),
  );
  t.true(canRun(functions));
  const { memory, calls } = wasmProgram(functions, 70_000);
  t.is(memory.byteLength, 2 * 65536);
  for (const call of Object.values(calls)) call(8);
  const words = new Int32Array(memory);
  t.deepEqual(
    values.map((_, index) => words[(8 + 200 * index) / 4]),
    // The fifth stands where what is added is read, after that was read as 0.
    values.map((value, index) => (index <= 5 ? value : (value - 64) | 0)),
  );
});

test('what is no code is not run', (t) => {
  t.false(canRun({ broken: { params: [], locals: [], body: [0xff] } }));
});
