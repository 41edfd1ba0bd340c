import type { ObjectFrame } from '../../mesh/frame.js';
import { addBox, addQuad } from '../../mesh/shapes.js';
import { MATERIAL } from '../../mesh/surface.js';
import { LABEL, type SceneContext, staticLabel } from '../context.js';
import { hsv, srgb, varied } from '../palette.js';
import { posterSurface } from './poster-surface.js';

/** A kiosk, container or stall along x, its coloured front towards -y, with posters and an awning. */
export function addKiosk(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const label = staticLabel(context, LABEL.building);
  const half = random.uniform(1.1, 4);
  const depth = random.uniform(1.8, 3);
  const height = random.uniform(2.2, 3.1);
  const skin = mesh.surface({
    material: MATERIAL.panel,
    label,
    color: random.chance(0.5)
      ? hsv(random.uniform(0, 6), random.uniform(0.3, 0.9), random.uniform(0.3, 0.95))
      : varied(random, palette, srgb(190, 188, 182), 0.3),
    color2: hsv(random.uniform(0, 6), random.uniform(0, 0.9), random.uniform(0.2, 0.95)),
    seed: random.uint32(),
    params: [
      random.chance(0.4) ? 0.25 : 0,
      0.25,
      random.chance(0.6) ? 1 : 0,
      height - 0.5,
      0.35,
      0.4,
      random.chance(0.4) ? 0.5 : 0,
    ],
  });
  addBox(mesh, skin, { x: [-half, half], y: [0, depth], z: [-0.1, height] });
  for (let x = -half + 0.2; x + 0.5 < half; ) {
    const w = Math.min(half - 0.1 - x, random.uniform(0.5, 1.4));
    const h = random.uniform(0.7, 1.5);
    const z = random.uniform(0.3, Math.max(0.35, height - h - 0.5));
    if (random.chance(0.7))
      addQuad(
        mesh,
        posterSurface(context, label, w / h, { border: 0.02 }),
        [
          [x, -0.03, z],
          [x + w, -0.03, z],
          [x + w, -0.03, z + h],
          [x, -0.03, z + h],
        ],
        [0, -1, 0],
      );
    x += w + random.uniform(0.1, 1);
  }
  if (random.chance(0.5)) {
    const awning = mesh.surface({
      material: MATERIAL.cloth,
      label,
      color: hsv(random.uniform(0, 6), random.uniform(0.2, 0.9), random.uniform(0.3, 0.95)),
      seed: random.uint32(),
      params: [0.3, 0],
      twoSided: true,
    });
    addQuad(
      mesh,
      awning,
      [
        [-half, -1.1, height - 0.55],
        [half, -1.1, height - 0.55],
        [half, 0, height - 0.05],
        [-half, 0, height - 0.05],
      ],
      [0, 0, 1],
    );
  }
  mesh.endGroup();
}
