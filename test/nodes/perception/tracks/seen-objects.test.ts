import test from 'ava';
import { KIND } from '../../../../nodes/perception/motion/motion-view.js';
import { seenObjects } from '../../../../nodes/perception/tracks/seen-objects.js';

const [height, width] = [12, 16];

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
  const component = { kind: 'vehicle' as const, pixels, moves: 0.5, owners: new Map<number, number>() };
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
