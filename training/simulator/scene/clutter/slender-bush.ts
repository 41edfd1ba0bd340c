import type { ObjectFrame } from '../../mesh/frame.js';
import { addBlob, addBox } from '../../mesh/shapes.js';
import { MATERIAL } from '../../mesh/surface.js';
import { LABEL, type SceneContext, staticLabel } from '../context.js';
import { srgb, varied } from '../palette.js';
import { leafSurfaces } from '../plants.js';

/** A clipped or columnar bush of a person's size, alone or in a planter. */
export function addSlenderBush(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const leaves = leafSurfaces(context, random.uniform(0.25, 0.5));
  const potted = random.chance(0.3);
  const foot = potted ? random.uniform(0.3, 0.6) : 0;
  const height = random.uniform(0.7, 2.3) - foot * 0.5;
  const radius = Math.max(0.16, height * random.uniform(0.13, 0.3));
  if (potted) {
    const pot = mesh.surface({
      material: MATERIAL.brick,
      label: staticLabel(context, LABEL.wall),
      color: varied(
        random,
        palette,
        random.pick([srgb(160, 150, 140), srgb(150, 90, 65), srgb(90, 92, 95), srgb(110, 90, 70)]),
      ),
      seed: random.uint32(),
      params: [3, 1, 2],
    });
    const w = radius * random.uniform(0.9, 1.5);
    addBox(mesh, pot, { x: [-w, w], y: [-w, w], z: [0, foot] });
  }
  const seed = random.uint32();
  const balls = random.chance(0.25) ? 2 : 1;
  for (let k = 0; k < balls; k++) {
    const half = (height / balls) * 0.55;
    const z = foot + half * 0.9 + (k * height) / balls;
    const r = radius * (balls === 2 && k === 1 ? 0.7 : 1);
    for (const [skin, scale] of [
      [leaves.outer, 1],
      [leaves.inner, 0.72],
    ] as const)
      addBlob(mesh, skin, [0, 0, z], [r * scale, r * scale, half * scale], {
        level: 1,
        bumpiness: 0.25,
        seed: seed + k,
      });
  }
  mesh.endGroup();
}
