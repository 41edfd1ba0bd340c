import type { ObjectFrame } from '../../mesh/frame.js';
import { addBox, addTube } from '../../mesh/shapes.js';
import { LABEL, type SceneContext, staticLabel } from '../context.js';
import { metalSurface } from '../metal-surface.js';
import { srgb } from '../palette.js';

/** Scaffolding from x = 0 to `length`, 1 m deep towards +y: tubes and planks; class building. */
export function addScaffold(context: SceneContext, frame: ObjectFrame, length: number, height: number): void {
  const { mesh, random, detail } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const label = staticLabel(context, LABEL.building);
  const steel = metalSurface(context, label, srgb(150, 152, 155));
  const wood = metalSurface(context, label, srgb(160, 130, 90), [0.5, 0, 0]);
  const bay = random.uniform(2, 3);
  const sides = detail === 2 ? 6 : 4;
  for (let x = 0; x <= length; x += bay)
    for (const y of [0, 1])
      addTube(
        mesh,
        steel,
        [
          [x, y, -0.1],
          [x, y, height],
        ],
        [0.03, 0.03],
        { sides },
      );
  for (let z = 2; z < height; z += 2) {
    addBox(mesh, wood, { x: [0, length], y: [0.05, 0.95], z: [z - 0.05, z] }, true);
    for (const rise of [0.5, 1]) {
      if (z + rise > height) continue;
      addTube(
        mesh,
        steel,
        [
          [0, 0, z + rise],
          [length, 0, z + rise],
        ],
        [0.025, 0.025],
        { sides },
      );
    }
  }
  for (let x = 0; x + bay <= length; x += 2 * bay)
    addTube(
      mesh,
      steel,
      [
        [x, 0, 0],
        [x + bay, 0, Math.min(height, 4)],
      ],
      [0.025, 0.025],
      { sides },
    );
  mesh.endGroup();
}
