import test from 'ava';
import { connectedComponents } from '../../../../nodes/perception/motion/connected-components.js';
import { splitByDepth } from '../../../../nodes/perception/motion/split-by-depth.js';
import { flatScene } from './flat-scene.js';

/** A mask drawn in text, `.` = 0, each of its pixels a block of 6 x 6. */
function drawn(...rows: string[]): { mask: Uint8Array; height: number; width: number } {
  const [height, width] = [6 * rows.length, 6 * (rows[0]?.length ?? 0)];
  const mask = new Uint8Array(height * width);
  for (let i = 0; i < mask.length; i++) {
    const sign = rows[Math.floor(i / width / 6)]?.[Math.floor((i % width) / 6)] ?? '.';
    mask[i] = sign === '.' ? 0 : Number(sign);
  }
  return { mask, height, width };
}

const sizes = (components: readonly { pixels: Int32Array }[]): number[] =>
  components.map(({ pixels }) => pixels.length / 36).sort((a, b) => a - b);

test('pixels are connected over edges, not over corners, and around bends', (t) => {
  const { mask, height, width } = drawn('11.1', '.1.1', '1111', '....', '1..1');
  const depth = new Float32Array(mask.length).fill(10);
  t.deepEqual(sizes(connectedComponents(mask, depth, height, width)), [1, 1, 9]);
  const { mask: corner, ...size } = drawn('1.', '.1');
  t.is(connectedComponents(corner, depth, size.height, size.width).length, 2);
});

test('the end of a row is not connected to the start of the next', (t) => {
  const { mask, height, width } = drawn('..1', '1..');
  t.is(connectedComponents(mask, new Float32Array(mask.length).fill(1), height, width).length, 2);
});

test('other values and steps in depth separate, slopes do not', (t) => {
  const { mask, height, width } = drawn('1122', '1122');
  const depth = new Float32Array(mask.length);
  for (let i = 0; i < depth.length; i++) depth[i] = 10 * 1.05 ** (i % width);
  t.deepEqual(sizes(connectedComponents(mask, depth, height, width)), [4, 4]);
  for (let i = 0; i < depth.length; i++) depth[i] = i % width < 6 ? 10 : 12;
  t.deepEqual(sizes(connectedComponents(mask, depth, height, width)), [2, 2, 4]);
});

test('a speck joins its neighbour of the same value whatever its depth, but not another value', (t) => {
  const { mask, height, width } = drawn('11', '11');
  const depth = new Float32Array(mask.length).fill(10);
  depth[5 * width + 5] = 30;
  depth[5 * width + 6] = 30;
  const [only, ...others] = connectedComponents(mask, depth, height, width);
  t.is(only?.pixels.length, mask.length);
  t.deepEqual(others, []);
  mask[5 * width + 5] = 2;
  t.deepEqual(
    connectedComponents(mask, depth, height, width)
      .map(({ pixels }) => pixels.length)
      .sort((a, b) => a - b),
    [1, mask.length - 1],
  );
});

test('an empty mask has no components', (t) => {
  t.deepEqual(connectedComponents(new Uint8Array(12), new Float32Array(12), 3, 4), []);
});

test('a component that reaches from 6 m to 12 m is cut into connected pieces of about one depth', (t) => {
  const view = flatScene([], { x: 0, z: 0 }, 0);
  const { height, width } = view;
  const kinds = new Uint8Array(height * width);
  const depth = new Float32Array(height * width).fill(50);
  for (let row = 20; row < 40; row++) {
    for (let column = 10; column < 130; column++) {
      kinds[row * width + column] = 1;
      depth[row * width + column] = 6 * 2 ** ((column - 10) / 120);
    }
  }
  const whole = connectedComponents(kinds, depth, height, width);
  t.is(whole.length, 1);
  const pieces = splitByDepth(whole, { ...view, kinds, depth });
  t.is(pieces.length, 3);
  t.is(
    pieces.reduce((sum, { pixels }) => sum + pixels.length, 0),
    20 * 120,
  );
  for (const { pixels } of pieces) {
    const depths = [...pixels].map((at) => depth[at] ?? 0);
    t.true(Math.max(...depths) / Math.min(...depths) < 1.35);
  }
});

test('a few smeared depths at the border of a component do not cut it', (t) => {
  const view = flatScene([], { x: 0, z: 0 }, 0);
  const depth = new Float32Array(view.height * view.width).fill(10);
  // 400 pixels, half of them at 12.5 m: less than e^0.25 apart. Eight, 2 %, are a little nearer: e^0.26 from the farthest.
  const pixels = Int32Array.from(
    { length: 400 },
    (_, i) => (10 + Math.floor(i / 20)) * view.width + 10 + (i % 20),
  );
  for (const at of pixels.subarray(200)) depth[at] = 12.5;
  const kinds = new Uint8Array(depth.length);
  for (const at of pixels) kinds[at] = 1;
  for (const at of pixels.subarray(0, 8)) depth[at] = 9.6;
  t.is(splitByDepth([{ pixels }], { ...view, kinds, depth }).length, 1);
});
