import type { ObjectFrame } from '../../mesh/frame.js';
import { addBox, addQuad } from '../../mesh/shapes.js';
import { MATERIAL } from '../../mesh/surface.js';
import { LABEL, type SceneContext } from '../context.js';
import { hsv, srgb, varied } from '../palette.js';
import { posterSurface } from './poster-surface.js';

/** Boards along x from 0 to `length` with posters and paint towards -y, as before building sites and shops; class wall. */
export function addHoarding(context: SceneContext, frame: ObjectFrame, length: number): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const height = random.uniform(1.9, 2.9);
  const skin = mesh.surface({
    material: MATERIAL.planks,
    label: LABEL.wall,
    color: random.chance(0.4)
      ? hsv(random.uniform(0, 6), random.uniform(0.2, 0.8), random.uniform(0.3, 0.9))
      : varied(
          random,
          palette,
          random.pick([srgb(190, 188, 180), srgb(150, 125, 90), srgb(70, 75, 80)]),
          0.3,
        ),
    seed: random.uint32(),
    params: [random.uniform(0.5, 2), 0],
  });
  addBox(mesh, skin, { x: [0, length], y: [0, 0.06], z: [-0.2, height] });
  for (let x = random.uniform(0, 1.5); x < length - 0.6; ) {
    const w = Math.min(length - x, random.uniform(0.5, 2.2));
    const h = random.uniform(0.7, 1.75);
    const z = random.uniform(0.15, Math.max(0.2, height - h - 0.05));
    // Bills hang in rows of the same.
    const sheet = posterSurface(context, LABEL.wall, w / h, { border: 0.01 });
    for (let k = random.weighted({ 1: 3, 2: 2, 3: 1 }) === '1' ? 1 : 3; k > 0 && x + w <= length; k--) {
      addQuad(
        mesh,
        sheet,
        [
          [x, -0.012, z],
          [x + w, -0.012, z],
          [x + w, -0.012, z + h],
          [x, -0.012, z + h],
        ],
        [0, -1, 0],
      );
      x += w + 0.05;
    }
    x += random.uniform(0.1, 2);
  }
  mesh.endGroup();
}
