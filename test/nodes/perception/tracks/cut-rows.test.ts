import test from 'ava';
import { KIND } from '../../../../nodes/perception/motion/motion-view.js';
import { cutRows } from '../../../../nodes/perception/tracks/cut-rows.js';

const height = 12;

/** A picture of one part whose depth each column has; every third pixel was owned a frame ago: by 1 to the left of a column. */
function pictured(columns: readonly number[], border = 0) {
  const width = columns.length;
  const pixels = Int32Array.from({ length: height * width }, (_, at) => at);
  const sampled = pixels.filter((at) => at % 3 === 0);
  return {
    component: {
      ...{ kind: 'vehicle' as const, pixels, moves: 0.5 },
      owners: { pixels: sampled, ids: sampled.map((at) => (at % width < border ? 1 : 2)) },
    },
    scene: {
      ...{ height, width, intrinsics: { fx: 120, fy: 120, cx: 7.5, cy: 5.5 } },
      depth: Float32Array.from(pixels, (at) => columns[at % width] as number),
      kinds: new Uint8Array(pixels.length).fill(KIND.vehicle),
      labels: new Uint8Array(pixels.length).fill(13),
      longest: new Float32Array(256).fill(5),
    },
  };
}

/** Numbers from one to another, so many, evenly by their logarithms. */
const ramp = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)));

test('a row of two cars whose depths run into each other is cut between them, and the owners with it', (t) => {
  // By hand: cars 12 to 13 m and 18.5 to 20 m away, and few pixels that climb from one to the other.
  const columns = [...ramp(12, 13, 16), ...ramp(13.4, 18.1, 10), ...ramp(18.5, 20, 16)];
  const { component, scene } = pictured(columns, 21);
  const pieces = cutRows(component, scene, 5, 0.08);
  t.is(pieces.length, 2);
  const [near, far] = pieces;
  const column = (at: number) => at % scene.width;
  t.true(near?.pixels.filter((at) => column(at) < 16).length === 16 * height);
  t.true(far?.pixels.filter((at) => column(at) >= 26).length === 16 * height);
  t.is((near?.pixels.length ?? 0) + (far?.pixels.length ?? 0), component.pixels.length);
  for (const [piece, id] of [
    [near, 1],
    [far, 2],
  ] as const) {
    const { pixels = new Int32Array(0), ids = new Int32Array(0) } = piece?.owners ?? {};
    t.true(pixels.length > 50 && pixels.length === ids.length);
    t.true(pixels.every((at) => piece?.pixels.includes(at)));
    t.true(ids.filter((one) => one === id).length > 0.8 * ids.length);
  }
});

test('what is no deeper than a thing, by the error of its depth, stays whole', (t) => {
  for (const columns of [ramp(12, 16.5, 30), ramp(40, 47, 30)]) {
    const { component, scene } = pictured(columns);
    t.deepEqual(cutRows(component, scene, 5, 0.08), [component]);
  }
});

test('a row that has no end is cut into a few pieces, and nothing of it is lost', (t) => {
  const { component, scene } = pictured(ramp(8, 80, 160));
  const pieces = cutRows(component, scene, 5, 0.08);
  t.true(pieces.length > 1 && pieces.length <= 4, String(pieces.length));
  const all = pieces.flatMap(({ pixels }) => [...pixels]).sort((a, b) => a - b);
  t.deepEqual(all, [...component.pixels]);
});
