import test from 'ava';
import { KIND } from '../../../../nodes/perception/motion/motion-view.js';
import { seenObjects } from '../../../../nodes/perception/tracks/seen-objects.js';

const [height, width] = [12, 16];
const NOBODY = { pixels: new Int32Array(0), ids: new Int32Array(0) };

/** One vehicle that fills a picture, whose depth grows from left to right. */
function slanted(nearest: number, farthest: number, longest: number, metersPerUnit: number) {
  const pixels = Int32Array.from({ length: height * width }, (_, i) => i);
  const share = (at: number) => (at % width) / (width - 1);
  const depth = Float32Array.from(
    pixels,
    (at) => (nearest + share(at) * (farthest - nearest)) / metersPerUnit,
  );
  const scene = {
    ...{ height, width, depth, intrinsics: { fx: 120, fy: 120, cx: 7.5, cy: 5.5 } },
    kinds: new Uint8Array(pixels.length).fill(KIND.vehicle),
    labels: new Uint8Array(pixels.length).fill(13),
    longest: new Float32Array(256).fill(longest),
  };
  const component = { kind: 'vehicle' as const, pixels, moves: 0.5, owners: NOBODY };
  return seenObjects([component], scene, metersPerUnit);
}

test('a box is as deep as what is seen, but no deeper than such a thing is', (t) => {
  for (const metersPerUnit of [1, 2]) {
    const [short, ...others] = slanted(40, 44, 5, metersPerUnit);
    t.is(others.length, 0);
    // By hand: four metres between the first and the last of 16 columns.
    t.true(Math.abs((short?.box.size[2] ?? 0) * metersPerUnit - 4) < 0.5, String(short?.box.size));
    const [smeared] = slanted(40, 48, 5, metersPerUnit);
    t.true(Math.abs((smeared?.box.size[2] ?? 0) * metersPerUnit - 5) < 1e-3, String(smeared?.box.size));
    const middle = (smeared?.box.centre[2] ?? 0) * metersPerUnit;
    t.true(Math.abs(middle - 44) < 0.5, String(middle));
  }
});

/**
 * People as rows of a picture say it: a letter a pixel, space for none, with its depth; each letter is a component.
 * @param depths by letter, or from left to right between two.
 */
function people(rows: readonly string[], depths: Readonly<Record<string, number | readonly number[]>>) {
  const [high, wide] = [rows.length, rows[0]?.length ?? 0];
  const letters = [...rows.join('')];
  const depth = new Float32Array(high * wide).fill(40);
  const components = Object.entries(depths).map(([letter, value]) => {
    const pixels = Int32Array.from(letters.flatMap((one, at) => (one === letter ? [at] : [])));
    const first = Math.min(...[...pixels].map((at) => at % wide));
    for (const at of pixels)
      depth[at] = typeof value === 'number' ? value : (value[(at % wide) - first] ?? 0);
    return { kind: 'person' as const, pixels, moves: 0.5, owners: NOBODY };
  });
  const scene = {
    ...{ height: high, width: wide, depth, intrinsics: { fx: 120, fy: 120, cx: wide / 2, cy: high / 2 } },
    kinds: Uint8Array.from(letters, (letter) => (letter === ' ' ? KIND.none : KIND.person)),
    labels: new Uint8Array(letters.length).fill(11),
    longest: new Float32Array(256).fill(5),
  };
  return seenObjects(components, scene, 1);
}

test('depths that smear beside a thing are a part of its picture, and neither a thing nor a place', (t) => {
  // A plain person 10 m away, and three columns over which the depth runs off to the wall.
  const rows = Array.from({ length: 20 }, () => ' ppppppppsss ');
  const [person, ...others] = people(rows, { p: 10, s: [13, 20, 31] });
  t.deepEqual(others, []);
  t.is(person?.pixels, 20 * 11);
  t.true(Math.abs((person?.box.centre[2] ?? 0) - 10) < 0.1, String(person?.box.centre));
  t.true((person?.box.size[2] ?? 9) < 0.5, String(person?.box.size));
});

test('what stands above the legs of a person is no other person, however far it seems; who stands beside is', (t) => {
  const legs = Array.from({ length: 12 }, () => ' llllll ');
  const torso = Array.from({ length: 10 }, () => ' tttttt ');
  const [one, ...others] = people([...torso, ...legs], { l: 10, t: 15 });
  t.deepEqual(others, []);
  t.true(Math.abs((one?.box.centre[2] ?? 0) - 10) < 0.1, String(one?.box.centre));
  const beside = people(
    Array.from({ length: 20 }, () => ' llllllrrrrrr '),
    { l: 10, r: 15 },
  );
  t.deepEqual(beside.map(({ box }) => Math.round(box.centre[2])).sort(), [10, 15]);
});
