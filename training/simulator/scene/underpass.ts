import type { ObjectFrame } from '../mesh/frame.js';
import { addBox } from '../mesh/shapes.js';
import { MATERIAL } from '../mesh/surface.js';
import { LABEL, type SceneContext } from './context.js';
import { srgb, varied } from './palette.js';

/**
 * A wide bridge over the road, `width` metres along it from x = 0. Its walls stand `right` and `left` (y) of the axis and
 * reach `approach` metres out of it on both sides. Deck and beams are of class building, walls of class wall.
 */
export function addUnderpass(
  context: SceneContext,
  frame: ObjectFrame,
  { right, left, width, approach }: Readonly<Record<'right' | 'left' | 'width' | 'approach', number>>,
): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const concrete = (label: number): number =>
    mesh.surface({
      material: MATERIAL.brick,
      label,
      color: varied(
        random,
        palette,
        random.pick([srgb(150, 148, 142), srgb(110, 108, 104), srgb(175, 172, 165), srgb(125, 90, 75)]),
        0.3,
      ),
      seed: random.uint32(),
      params: [random.uniform(0.4, 2.5), random.uniform(0.1, 1), random.integer(0, 2)],
    });
  const deck = concrete(LABEL.building);
  const wall = concrete(LABEL.wall);
  const low = random.uniform(4.2, 5.6);
  const thick = random.uniform(0.6, 1.8);
  addBox(mesh, deck, { x: [0, width], y: [right - 40, left + 40], z: [low, low + thick] }, true);
  addBox(
    mesh,
    deck,
    { x: [-0.1, 0.15], y: [right - 40, left + 40], z: [low + thick, low + thick + 1] },
    true,
  );
  for (let x = 0.6; x + 0.5 < width; x += random.uniform(1.5, 3.5))
    addBox(mesh, deck, { x: [x, x + 0.4], y: [right, left], z: [low - 0.45, low] }, true);
  for (const [y, side] of [
    [right, -1],
    [left, 1],
  ] as const) {
    const y0 = side < 0 ? y - 0.6 : y;
    addBox(mesh, wall, { x: [0, width], y: [y0, y0 + 0.6], z: [-1, low] });
    for (let k = 0; k < 4 && approach > 1; k++) {
      // Wing walls fall in steps away from the bridge.
      const step = approach / 4;
      const height = low * (1 - (k + 0.6) / 4.4);
      for (const [from, to] of [
        [-(k + 1) * step, -k * step],
        [width + k * step, width + (k + 1) * step],
      ] as const)
        addBox(mesh, wall, { x: [from, to], y: [y0, y0 + 0.6], z: [-1, height] });
    }
  }
  mesh.endGroup();
}
