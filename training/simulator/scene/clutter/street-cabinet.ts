import type { ObjectFrame } from '../../mesh/frame.js';
import { addBox, addTube } from '../../mesh/shapes.js';
import { type Color, MATERIAL } from '../../mesh/surface.js';
import { LABEL, type SceneContext, staticLabel } from '../context.js';
import { srgb, varied } from '../palette.js';

const COLORS: readonly Color[] = [
  srgb(140, 143, 140),
  srgb(95, 110, 95),
  srgb(185, 182, 170),
  srgb(60, 66, 70),
  srgb(210, 170, 30),
  srgb(170, 30, 30),
  srgb(40, 70, 120),
];

/** A switch cabinet, post box, ticket machine or stack of crates: 0.5 to 1.9 m high. */
export function addStreetCabinet(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const label = staticLabel(context, LABEL.wall);
  const skin = (color: Color, material: 9 | 13): number =>
    mesh.surface({
      material,
      label,
      color: varied(random, palette, color, 0.25),
      color2: varied(random, palette, random.pick(COLORS), 0.3),
      seed: random.uint32(),
      params: material === MATERIAL.sign ? [1] : [0.25, 0.05, 0],
    });
  const kind = random.weighted({ cabinet: 4, upright: 3, pedestal: 2, crates: 1.5 });
  const main = skin(random.pick(COLORS), random.chance(0.3) ? MATERIAL.sign : MATERIAL.metal);
  if (kind === 'crates') {
    let z = 0;
    for (let k = random.integer(2, 5); k > 0; k--) {
      const w = random.uniform(0.2, 0.6);
      const x = random.normal(0, 0.12);
      const h = random.uniform(0.15, 0.45);
      const box = skin(random.pick([srgb(150, 120, 80), srgb(180, 150, 105), ...COLORS]), MATERIAL.metal);
      addBox(mesh, box, { x: [x - w, x + w], y: [-0.3, 0.3], z: [z, z + h] });
      z += h;
    }
  } else if (kind === 'pedestal') {
    const top = random.uniform(1.2, 1.7);
    addTube(
      mesh,
      main,
      [
        [0, 0, 0],
        [0, 0, top - 0.3],
      ],
      [0.05, 0.05],
      { sides: 6 },
    );
    const w = random.uniform(0.13, 0.28);
    addBox(mesh, main, { x: [-w, w], y: [-w * 0.8, w * 0.8], z: [top - 0.5, top] }, true);
  } else {
    const tall = kind === 'upright';
    const w = tall ? random.uniform(0.22, 0.4) : random.uniform(0.3, 0.95);
    const d = random.uniform(0.14, 0.28);
    const h = tall ? random.uniform(1.3, 1.9) : random.uniform(0.6, 1.4);
    addBox(mesh, main, { x: [-w, w], y: [-d, d], z: [0, h] });
    const cap = skin(random.pick(COLORS), MATERIAL.metal);
    addBox(mesh, cap, { x: [-w - 0.03, w + 0.03], y: [-d - 0.03, d + 0.03], z: [h, h + 0.05] }, true);
  }
  mesh.endGroup();
}
