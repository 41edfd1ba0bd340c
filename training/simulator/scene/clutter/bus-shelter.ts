import type { ObjectFrame } from '../../mesh/frame.js';
import { addBox, addQuad } from '../../mesh/shapes.js';
import { CUTOUT, MATERIAL } from '../../mesh/surface.js';
import { LABEL, type SceneContext, staticLabel } from '../context.js';
import { metalSurface } from '../metal-surface.js';
import { srgb } from '../palette.js';
import { posterSurface } from './poster-surface.js';

/** A bus shelter along x, open towards -y: roof, posts, a back wall, a bench, a poster at one end. */
export function addBusShelter(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const label = staticLabel(context, LABEL.building);
  const half = random.uniform(1.4, 2.6);
  const depth = random.uniform(1.1, 1.6);
  const height = random.uniform(2.25, 2.6);
  const steel = metalSurface(
    context,
    label,
    random.pick([srgb(90, 94, 98), srgb(50, 55, 58), srgb(60, 90, 75), srgb(160, 162, 165)]),
  );
  addBox(mesh, steel, { x: [-half, half], y: [-0.2, depth], z: [height, height + 0.12] }, true);
  for (const x of [-half + 0.06, half - 0.06])
    for (const y of [0.05, depth - 0.06])
      addBox(mesh, steel, { x: [x - 0.04, x + 0.04], y: [y - 0.04, y + 0.04], z: [-0.1, height] });
  // Glass with a printed pattern: opaque in part, the rest is left open.
  const glass = mesh.surface({
    material: MATERIAL.glass,
    label,
    color: [0.1, 0.1, 0.1],
    seed: random.uint32(),
    params: [random.uniform(0.05, 0.16), 0.5, 0.04, 0],
    twoSided: true,
    ...(random.chance(0.5) ? {} : { cutout: CUTOUT.pickets, cutoutAmount: random.uniform(0.8, 4) }),
  });
  addQuad(
    mesh,
    glass,
    [
      [-half, depth, 0.3],
      [half, depth, 0.3],
      [half, depth, height - 0.1],
      [-half, depth, height - 0.1],
    ],
    [0, -1, 0],
  );
  const end = random.chance(0.5) ? -half : half;
  const poster = posterSurface(context, label, (depth - 0.2) / 1.7);
  for (const side of [-1, 1]) {
    const x = end + side * 0.05;
    addQuad(
      mesh,
      poster,
      [
        [x, side > 0 ? 0.1 : depth - 0.1, 0.4],
        [x, side > 0 ? depth - 0.1 : 0.1, 0.4],
        [x, side > 0 ? depth - 0.1 : 0.1, 2.1],
        [x, side > 0 ? 0.1 : depth - 0.1, 2.1],
      ],
      [side, 0, 0],
    );
  }
  addBox(mesh, steel, { x: [-half * 0.7, half * 0.7], y: [depth - 0.5, depth - 0.1], z: [0.42, 0.47] }, true);
  mesh.endGroup();
}
