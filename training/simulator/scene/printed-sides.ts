import { addQuad } from '../mesh/shapes.js';
import { posterSurface } from './clutter/poster-surface.js';
import type { SceneContext } from './context.js';

/** A box body in the frame in use: from x = `back` to `front`, `halfWidth` to both sides, from z = `low` to `high`, metres. */
export type BoxBody = Readonly<Record<'back' | 'front' | 'halfWidth' | 'low' | 'high', number>>;

/** Prints advertisements on the sides and the rear of a vehicle: a face on a lorry is a part of the lorry. */
export function addPrintedSides(
  context: SceneContext,
  { back, front, halfWidth, low, high }: BoxBody,
  { label, instance }: Readonly<Record<'label' | 'instance', number>>,
): void {
  const { mesh, random } = context;
  const height = high - low;
  const skin = posterSurface(context, label, (front - back) / height, { border: 0, instance });
  const y = halfWidth + 0.012;
  addQuad(
    mesh,
    skin,
    [
      [back, -y, low],
      [front, -y, low],
      [front, -y, high],
      [back, -y, high],
    ],
    [0, -1, 0],
  );
  addQuad(
    mesh,
    skin,
    [
      [front, y, low],
      [back, y, low],
      [back, y, high],
      [front, y, high],
    ],
    [0, 1, 0],
  );
  if (random.chance(0.4)) return;
  const x = back - 0.012;
  addQuad(
    mesh,
    posterSurface(context, label, (2 * halfWidth) / height, { border: 0, instance }),
    [
      [x, halfWidth, low],
      [x, -halfWidth, low],
      [x, -halfWidth, high],
      [x, halfWidth, high],
    ],
    [-1, 0, 0],
  );
}
