import type { ObjectFrame } from '../../mesh/frame.js';
import { addBox } from '../../mesh/shapes.js';
import { LABEL, type SceneContext } from '../context.js';
import { metalSurface } from '../metal-surface.js';
import { srgb } from '../palette.js';

/** A white delineator post of 1 m with a black band and a reflector, as they line roads without a kerb; it faces -x. */
export function addDelineator(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const white = metalSurface(context, LABEL.pole, srgb(225, 225, 220), [0.2, 0.03, 0]);
  const black = metalSurface(context, LABEL.pole, srgb(22, 22, 24), [0.1, 0.03, 0]);
  const reflector = metalSurface(
    context,
    LABEL.pole,
    random.pick([srgb(235, 230, 220), srgb(220, 120, 30), srgb(200, 40, 30)]),
    [0, 0.2, 0],
  );
  const w = random.uniform(0.05, 0.075);
  const d = random.uniform(0.03, 0.06);
  const top = random.uniform(0.85, 1.1);
  addBox(mesh, white, { x: [-d, d], y: [-w, w], z: [-0.2, top - 0.28] });
  addBox(mesh, black, { x: [-d, d], y: [-w, w], z: [top - 0.28, top - 0.06] });
  addBox(mesh, white, { x: [-d, d], y: [-w, w], z: [top - 0.06, top] });
  addBox(mesh, reflector, { x: [-d - 0.008, d], y: [-w * 0.5, w * 0.5], z: [top - 0.24, top - 0.08] });
  mesh.endGroup();
}
