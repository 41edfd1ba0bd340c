import type { ObjectFrame } from '../../mesh/frame.js';
import { addBox, addQuad, addTube } from '../../mesh/shapes.js';
import { LABEL, type SceneContext, staticLabel } from '../context.js';
import { metalSurface } from '../metal-surface.js';
import { srgb } from '../palette.js';
import { posterSurface } from './poster-surface.js';

/** A lit poster of 1.2 x 1.75 m, a board on the pavement, or a billboard on legs; both faces look along x. */
export function addPosterBoard(
  context: SceneContext,
  frame: ObjectFrame,
  size: 'sandwich' | 'light' | 'billboard',
): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const width =
    size === 'billboard' ? random.uniform(2.4, 4.2) : size === 'light' ? 1.25 : random.uniform(0.5, 0.75);
  const height =
    size === 'billboard'
      ? random.uniform(1.8, 3)
      : size === 'light'
        ? random.uniform(1.7, 1.9)
        : random.uniform(0.8, 1.25);
  const foot =
    size === 'billboard' ? random.uniform(0.6, 2.8) : size === 'light' ? random.uniform(0.3, 0.6) : 0.05;
  const label = staticLabel(context, LABEL.wall);
  const steel = metalSurface(
    context,
    label,
    random.pick([srgb(60, 62, 64), srgb(140, 142, 144), srgb(45, 60, 50)]),
  );
  const half = width / 2;
  const thick = size === 'light' ? 0.11 : 0.03;
  addBox(mesh, steel, { x: [-thick, thick], y: [-half, half], z: [foot, foot + height] }, true);
  for (const side of [-1, 1]) {
    const face = posterSurface(context, label, width / height);
    const x = side * (thick + 0.012);
    addQuad(
      mesh,
      face,
      [
        [x, side * -half, foot],
        [x, side * half, foot],
        [x, side * half, foot + height],
        [x, side * -half, foot + height],
      ],
      [side, 0, 0],
    );
  }
  const legs = size === 'billboard' && width > 2 ? [-half * 0.7, half * 0.7] : [0];
  for (const y of legs)
    addTube(
      mesh,
      steel,
      [
        [0, y, -0.2],
        [0, y, foot + 0.1],
      ],
      [size === 'billboard' ? 0.08 : 0.14, size === 'billboard' ? 0.08 : 0.14],
      { sides: 6 },
    );
  mesh.endGroup();
}
