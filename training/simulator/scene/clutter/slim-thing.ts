import type { ObjectFrame } from '../../mesh/frame.js';
import { addBlob, addBox, addTube } from '../../mesh/shapes.js';
import { type Color, MATERIAL } from '../../mesh/surface.js';
import { LABEL, type SceneContext } from '../context.js';
import { hsv, srgb, varied } from '../palette.js';

/**
 * Things with the outline of a person that are none. They are closed parasols, parking meters, hydrants, pumps, stone figures
 * without limbs, wrapped roses, flags furled about their poles. Their class is pole.
 */
export function addSlimThing(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const skin = (color: Color): number =>
    mesh.surface({
      material: MATERIAL.cloth,
      label: LABEL.pole,
      color: varied(random, palette, color, 0.3),
      color2: hsv(random.uniform(0, 6), random.uniform(0, 0.8), random.uniform(0.2, 0.9)),
      seed: random.uint32(),
      params: [0.5, random.chance(0.15) ? random.uniform(3, 8) : 0],
    });
  const grey = skin(random.pick([srgb(120, 122, 124), srgb(60, 62, 66), srgb(160, 158, 150)]));
  const tint = skin(hsv(random.uniform(0, 6), random.uniform(0, 0.85), random.uniform(0.2, 0.9)));
  const cone = (surface: number, low: number, high: number, a: number, b: number): void =>
    addTube(
      mesh,
      surface,
      [
        [0, 0, low],
        [0, 0, high],
      ],
      [a, b],
      { sides: 8, caps: true },
    );
  switch (random.weighted({ parasol: 3, meter: 3, hydrant: 2, figure: 2, pump: 1.5, flag: 1.5 })) {
    case 'parasol': {
      const h = random.uniform(1.8, 2.6);
      cone(grey, 0, 0.9, 0.03, 0.03);
      cone(tint, 0.7, h * 0.75, 0.1, random.uniform(0.14, 0.22));
      cone(tint, h * 0.75, h, 0.2, 0.02);
      break;
    }
    case 'meter': {
      const h = random.uniform(1.2, 1.75);
      cone(grey, 0, h - 0.3, 0.05, 0.04);
      addBox(mesh, tint, { x: [-0.11, 0.11], y: [-0.14, 0.14], z: [h - 0.45, h] }, true);
      addBlob(mesh, tint, [0, 0, h], [0.11, 0.14, 0.09], { level: 1 });
      break;
    }
    case 'hydrant': {
      const h = random.uniform(0.6, 1);
      cone(tint, 0, h, 0.13, 0.11);
      addBlob(mesh, tint, [0, 0, h], [0.13, 0.13, 0.12], { level: 1 });
      addBox(mesh, grey, { x: [-0.08, 0.08], y: [-0.2, 0.2], z: [h * 0.6, h * 0.75] }, true);
      break;
    }
    case 'figure': {
      const h = random.uniform(1.1, 1.8);
      addBox(mesh, grey, { x: [-0.3, 0.3], y: [-0.3, 0.3], z: [0, 0.4] });
      cone(grey, 0.4, 0.4 + h * 0.75, random.uniform(0.2, 0.32), 0.17);
      addBlob(mesh, grey, [0, 0, 0.4 + h * 0.9], [0.12, 0.12, 0.15], { level: 1 });
      break;
    }
    case 'pump': {
      const h = random.uniform(1.2, 1.9);
      addBox(mesh, tint, { x: [-0.2, 0.2], y: [-0.25, 0.25], z: [0, h] });
      addBox(mesh, grey, { x: [-0.22, 0.22], y: [-0.2, 0.2], z: [h * 0.6, h * 0.85] }, true);
      break;
    }
    default: {
      const h = random.uniform(3.5, 7);
      cone(grey, 0, h, 0.045, 0.03);
      cone(tint, h - random.uniform(1.4, 2.4), h - 0.1, random.uniform(0.1, 0.2), 0.07);
    }
  }
  mesh.endGroup();
}
