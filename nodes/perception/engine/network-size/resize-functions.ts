import { type Code, wasm } from './wasm-code.js';
import type { WasmFunction, WasmType } from './wasm-module.js';

const { all, get, set, i32, i32Add, i32Less, i32Load, repeat, v128Load, v128Store } = wasm;

/** Bytes of a pixel as four numbers: its channels, and what lies behind them. */
export const PIXEL_BYTES = 16;
const VECTOR_BYTES = 16;
const FLOAT_BYTES = 4;
const MOST_MILLIMETRES = 65535;
/** Pixels that a turn of the repeating functions fills. */
const REPEATED_AT_ONCE = 4;

/** Moves a pointer on. */
const step = (local: number, bytes: number): Code => set(local, i32Add(get(local), i32(bytes)));

/** Bytes of a row of the table of `across`: where the first pixel lies in its row, and the weights. */
export function acrossEntryBytes(taps: number): number {
  return 4 + FLOAT_BYTES * taps;
}

/**
 * Functions that shrink an image, for runs of so many weights. Sums are made in the order of the pixels, a product first and
 * then the sum, as onnxruntime makes them.
 *
 * - `unpack(bytes, pixels, end, bytesPerPixel)`: the bytes of a row as pixels of four numbers.
 * - `across(pixels, table, target, end)`: a row of pixels, shrunk.
 * - `down(table, end, red, green, blue)`: rows of shrunk pixels to one; the table has where each begins, and its weight. Lanes
 *   0 to 2 of the pixels come apart.
 */
export function shrinkFunctions(tapsAcross: number, tapsDown: number) {
  return { unpack: unpack(), across: across(tapsAcross), down: down(tapsDown) } as const;
}

function unpack(): WasmFunction {
  const [bytes, pixels, end, bytesPerPixel] = [0, 1, 2, 3];
  const pixel = wasm.f32x4FromInt(wasm.i32x4LowU16(wasm.v128Load8x8(get(bytes))));
  return {
    params: ['i32', 'i32', 'i32', 'i32'],
    locals: [],
    body: repeat(
      all(
        v128Store(get(pixels), pixel),
        set(bytes, i32Add(get(bytes), get(bytesPerPixel))),
        step(pixels, PIXEL_BYTES),
      ),
      i32Less(get(pixels), get(end)),
    ),
  };
}

function across(taps: number): WasmFunction {
  const [pixels, table, target, end, from] = [0, 1, 2, 3, 4];
  const term = (tap: number) =>
    wasm.f32x4Multiply(
      v128Load(get(from), PIXEL_BYTES * tap),
      wasm.v128LoadSplat32(get(table), 4 + FLOAT_BYTES * tap),
    );
  return {
    params: ['i32', 'i32', 'i32', 'i32'],
    locals: ['i32'],
    body: repeat(
      all(
        set(from, i32Add(get(pixels), i32Load(get(table)))),
        v128Store(get(target), sumOf(taps, term)),
        step(table, acrossEntryBytes(taps)),
        step(target, PIXEL_BYTES),
      ),
      i32Less(get(target), get(end)),
    ),
  };
}

function down(taps: number): WasmFunction {
  const [table, end, red, green, blue, at] = [0, 1, 2, 3, 4, 5];
  const row = (tap: number) => 6 + tap;
  const weight = (tap: number) => 6 + taps + tap;
  const sums = [0, 1, 2, 3].map((i) => 6 + 2 * taps + i);
  const [first = 0, second = 0, third = 0, fourth = 0] = sums;
  const indices = Array.from({ length: taps }, (_, tap) => tap);
  const sum = (pixel: number) =>
    sumOf(taps, (tap) =>
      wasm.f32x4Multiply(v128Load(i32Add(get(row(tap)), get(at)), PIXEL_BYTES * pixel), get(weight(tap))),
    );
  // Two channels of four pixels: of the first two, of the last two.
  const pairs = (lanes: readonly [number, number, number, number]): [Code, Code] => [
    wasm.shuffle32(get(first), get(second), lanes),
    wasm.shuffle32(get(third), get(fourth), lanes),
  ];
  const redGreen = pairs([0, 4, 1, 5]);
  const blueRest = pairs([2, 6, 3, 7]);
  return {
    params: ['i32', 'i32', 'i32', 'i32', 'i32'],
    locals: [
      'i32',
      ...indices.map((): WasmType => 'i32'),
      ...indices.map((): WasmType => 'v128'),
      ...sums.map((): WasmType => 'v128'),
    ],
    body: all(
      ...indices.flatMap((tap) => [
        set(row(tap), i32Load(get(table), 8 * tap)),
        set(weight(tap), wasm.v128LoadSplat32(get(table), 8 * tap + 4)),
      ]),
      repeat(
        all(
          ...sums.map((local, pixel) => set(local, sum(pixel))),
          v128Store(get(red), wasm.shuffle32(...redGreen, [0, 1, 4, 5])),
          v128Store(get(green), wasm.shuffle32(...redGreen, [2, 3, 6, 7])),
          v128Store(get(blue), wasm.shuffle32(...blueRest, [0, 1, 4, 5])),
          ...[red, green, blue].map((local) => step(local, VECTOR_BYTES)),
          step(at, 4 * PIXEL_BYTES),
        ),
        i32Less(get(at), get(end)),
      ),
    ),
  };
}

/**
 * Functions that enlarge a map, row by row, as onnxruntime's bilinear `Resize` computes it.
 *
 * - `spread(source, places, lower, upper, end, last)`: a row's numbers at the places (bytes from its start) that the columns
 *   lie beside, and those behind them. From `last` in `upper` on, to `end`, there is nothing behind: there they are the same.
 *   One number behind the end may be written, too.
 * - `blend(lowerLeft, lowerRight, upperLeft, upperRight, toLower, toUpper, target, end, rowToLower, rowToUpper)`: between two
 *   spread rows and two neighbours in each; distances by column and of the row.
 * - `depth(values, target, end, factor, least)`: factor / value, and +Inf where the value is not above `least`; NaN stays.
 * - `millimetres(meters, target, end)`: numbers of two bytes, rounded to even; 0 where they do not fit.
 */
export const ENLARGE_FUNCTIONS = {
  spread: spread(),
  blend: blend(),
  depth: depth(),
  millimetres: millimetres(),
} as const;

/**
 * `repeat(source, places, palette, labels, colors, masks, end)`: of a row, the labels at the places (pixels from the row's
 * start) that the columns lie in, and what the palette, four bytes a label, has for each: three of colour, one of the mask.
 * One byte behind the last colour is written too.
 *
 * `again(labels, colors, masks, width)`: once more the row of so many labels that lies before each of these.
 */
export const REPEAT_FUNCTIONS = { repeat: repeatLabels(), again: again() } as const;

function again(): WasmFunction {
  const [labels, colors, masks, width] = [0, 1, 2, 3];
  const one = (at: number, bytes: Code) => wasm.copy(get(at), wasm.i32Minus(get(at), bytes), bytes);
  return {
    params: pointers(4),
    locals: [],
    body: all(
      one(labels, get(width)),
      one(colors, wasm.i32Times(get(width), i32(3))),
      one(masks, get(width)),
    ),
  };
}

function repeatLabels(): WasmFunction {
  const [source, places, palette, labels, colors, masks, end, label, entry] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const one = (i: number) =>
    all(
      set(label, wasm.i32Load8(i32Add(get(source), i32Load(get(places), 4 * i)))),
      wasm.i32Store8(get(labels), get(label), i),
      set(entry, i32Add(get(palette), wasm.i32Times(get(label), i32(4)))),
      wasm.i32Store(get(colors), i32Load(get(entry)), 3 * i),
      wasm.i32Store8(get(masks), wasm.i32Load8(get(entry), 3), i),
    );
  return {
    params: pointers(7),
    locals: ['i32', 'i32'],
    body: repeat(
      all(
        ...[one(0), one(1), one(2), one(3)],
        step(places, VECTOR_BYTES),
        step(labels, REPEATED_AT_ONCE),
        step(masks, REPEATED_AT_ONCE),
        step(colors, 3 * REPEATED_AT_ONCE),
      ),
      i32Less(get(labels), get(end)),
    ),
  };
}

function spread(): WasmFunction {
  const [source, places, lower, upper, end, last, first, second] = [0, 1, 2, 3, 4, 5, 6, 7];
  const pair = (i: number) => wasm.v128LoadLow64(i32Add(get(source), i32Load(get(places), 4 * i)));
  // Of two pairs: both lower numbers, then both upper ones.
  const sorted = (i: number) => wasm.shuffle32(pair(i), pair(i + 1), [0, 4, 1, 5]);
  return {
    params: pointers(6),
    locals: ['v128', 'v128'],
    body: all(
      // How far `upper` lies behind `lower`.
      set(end, wasm.i32Minus(get(end), get(upper))),
      set(end, i32Add(get(end), get(lower))),
      set(last, wasm.i32Minus(get(last), get(upper))),
      set(last, i32Add(get(last), get(lower))),
      set(upper, wasm.i32Minus(get(upper), get(lower))),
      repeat(
        all(
          set(first, sorted(0)),
          set(second, sorted(2)),
          v128Store(get(lower), wasm.shuffle32(get(first), get(second), [0, 1, 4, 5])),
          v128Store(i32Add(get(lower), get(upper)), wasm.shuffle32(get(first), get(second), [2, 3, 6, 7])),
          step(places, VECTOR_BYTES),
          step(lower, VECTOR_BYTES),
        ),
        i32Less(get(lower), get(end)),
      ),
      repeat(
        all(wasm.f32Store(i32Add(get(last), get(upper)), wasm.f32Load(get(last))), step(last, FLOAT_BYTES)),
        i32Less(get(last), get(end)),
      ),
    ),
  };
}

function blend(): WasmFunction {
  const [lowerLeft, lowerRight, upperLeft, upperRight, toLower, toUpper, target, end, rowLower, rowUpper] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ];
  const [lower, upper, at] = [10, 11, 12];
  const { f32x4Add: add, f32x4Multiply: times } = wasm;
  const beside = (pointer: number) => v128Load(i32Add(get(pointer), get(at)));
  // What lies far from one neighbour lies near the other.
  const terms = [
    times(times(beside(toUpper), get(upper)), beside(lowerLeft)),
    times(times(beside(toLower), get(upper)), beside(lowerRight)),
    times(times(beside(toUpper), get(lower)), beside(upperLeft)),
    times(times(beside(toLower), get(lower)), beside(upperRight)),
  ];
  return {
    params: [...pointers(8), 'f32', 'f32'],
    locals: ['v128', 'v128', 'i32'],
    body: all(
      set(lower, wasm.f32x4Splat(get(rowLower))),
      set(upper, wasm.f32x4Splat(get(rowUpper))),
      repeat(
        all(
          v128Store(
            i32Add(get(target), get(at)),
            terms.slice(1).reduce((sum, term) => add(sum, term), terms[0] ?? []),
          ),
          step(at, VECTOR_BYTES),
        ),
        i32Less(i32Add(get(target), get(at)), get(end)),
      ),
    ),
  };
}

function depth(): WasmFunction {
  const [values, target, end, factor, least, value] = [0, 1, 2, 3, 4, 5];
  const near = wasm.v128And(get(value), wasm.f32x4Greater(get(value), wasm.f32x4Splat(get(least))));
  // 0, or NaN where the network gave none.
  const unknown = wasm.f32x4Multiply(get(value), wasm.f32x4Splat(wasm.f32(0)));
  return {
    params: [...pointers(3), 'f32', 'f32'],
    locals: ['v128'],
    body: repeat(
      all(
        set(value, v128Load(get(values))),
        v128Store(get(target), wasm.f32x4Divide(wasm.f32x4Splat(get(factor)), wasm.f32x4Add(near, unknown))),
        step(values, VECTOR_BYTES),
        step(target, VECTOR_BYTES),
      ),
      i32Less(get(target), get(end)),
    ),
  };
}

function millimetres(): WasmFunction {
  const [meters, target, end, value] = [0, 1, 2, 3];
  const rounded = (offset: number): Code =>
    all(
      set(
        value,
        wasm.f32x4Nearest(wasm.f32x4Multiply(v128Load(get(meters), offset), wasm.f32x4Splat(wasm.f32(1000)))),
      ),
      wasm.intFromF32x4(
        wasm.v128And(
          get(value),
          wasm.f32x4LessOrEqual(get(value), wasm.f32x4Splat(wasm.f32(MOST_MILLIMETRES))),
        ),
      ),
    );
  return {
    params: pointers(3),
    locals: ['v128'],
    body: repeat(
      all(
        v128Store(get(target), wasm.u16FromInts(rounded(0), rounded(VECTOR_BYTES))),
        step(meters, 2 * VECTOR_BYTES),
        step(target, VECTOR_BYTES),
      ),
      i32Less(get(target), get(end)),
    ),
  };
}

function pointers(count: number): WasmType[] {
  return Array.from({ length: count }, () => 'i32');
}

function sumOf(taps: number, term: (tap: number) => Code): Code {
  let sum = term(0);
  for (let tap = 1; tap < taps; tap++) sum = wasm.f32x4Add(sum, term(tap));
  return sum;
}
