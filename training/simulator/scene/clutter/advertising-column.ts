import { cos, sin } from '../../exact-math.js';
import type { ObjectFrame } from '../../mesh/frame.js';
import { addTube } from '../../mesh/shapes.js';
import { LABEL, type SceneContext, staticLabel } from '../context.js';
import { metalSurface } from '../metal-surface.js';
import { srgb } from '../palette.js';
import { posterSurface } from './poster-surface.js';

/** A round column with posters about it, 2.5 to 3.4 m high. */
export function addAdvertisingColumn(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const label = staticLabel(context, LABEL.building);
  const radius = random.uniform(0.42, 0.7);
  const height = random.uniform(2.5, 3.4);
  const concrete = metalSurface(
    context,
    label,
    random.pick([srgb(150, 148, 142), srgb(70, 90, 75), srgb(80, 82, 85)]),
  );
  const tube = (low: number, high: number, r: number): void =>
    addTube(
      mesh,
      concrete,
      [
        [0, 0, low],
        [0, 0, high],
      ],
      [r, r],
      { sides: 14, caps: true },
    );
  tube(-0.2, 0.35, radius + 0.04);
  tube(height - 0.2, height, radius + 0.12);
  const sheets = 4;
  const steps = 4;
  for (let k = 0; k < sheets; k++) {
    const skin = posterSurface(context, label, (2 * Math.PI * radius) / sheets / (height - 0.55), {
      border: 0.015,
    });
    let previous = -1;
    for (let i = 0; i <= steps; i++) {
      const angle = (2 * Math.PI * (k + i / steps)) / sheets;
      const c = cos(angle);
      const s = sin(angle);
      const a = mesh.vertex([c * radius, s * radius, 0.35], [c, s, 0], i / steps, 0);
      mesh.vertex([c * radius, s * radius, height - 0.2], [c, s, 0], i / steps, 1);
      if (previous >= 0) {
        mesh.triangle(previous, a, a + 1, skin);
        mesh.triangle(previous, a + 1, previous + 1, skin);
      }
      previous = a;
    }
  }
  mesh.endGroup();
}
