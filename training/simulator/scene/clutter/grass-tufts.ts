import type { ObjectFrame } from '../../mesh/frame.js';
import { addBlob } from '../../mesh/shapes.js';
import { type Color, CUTOUT, MATERIAL } from '../../mesh/surface.js';
import { LABEL, type SceneContext } from '../context.js';
import { srgb, varied } from '../palette.js';

const COLORS: readonly Color[] = [
  srgb(95, 112, 52),
  srgb(80, 100, 45),
  srgb(150, 140, 90),
  srgb(120, 122, 70),
  srgb(170, 150, 100),
];

/** A patch of high grass, 0.1 to 0.6 m: class terrain, whatever its texture. */
export function addGrassTufts(
  context: SceneContext,
  frame: ObjectFrame,
  count: number,
  spread: number,
): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const color = varied(random, palette, random.pick(COLORS), 0.3);
  const skin = mesh.surface({
    material: MATERIAL.foliage,
    label: LABEL.terrain,
    color,
    color2: varied(random, palette, random.pick(COLORS), 0.3),
    seed: random.uint32(),
    params: [random.uniform(0.5, 0.9), random.uniform(0.35, 0.7), 1],
    cutout: CUTOUT.foliage,
    cutoutAmount: random.uniform(0.4, 0.52),
  });
  const height = random.uniform(0.1, 0.6);
  for (let k = 0; k < count; k++) {
    const h = height * random.uniform(0.5, 1.2);
    const r = random.uniform(0.12, 0.4);
    addBlob(
      mesh,
      skin,
      [random.normal(0, spread), random.normal(0, spread * 0.4), h * 0.3],
      [r, r, h * 0.7],
      {
        level: 0,
        bumpiness: 0.4,
        seed: random.uint32(),
      },
    );
  }
  mesh.endGroup();
}
