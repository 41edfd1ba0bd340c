import type { ObjectFrame } from '../../mesh/frame.js';
import { addBox, addQuad, addTube } from '../../mesh/shapes.js';
import { type Color, CUTOUT, MATERIAL } from '../../mesh/surface.js';
import { LABEL, type SceneContext } from '../context.js';
import { metalSurface } from '../metal-surface.js';
import { srgb } from '../palette.js';

const ORANGE: Color = srgb(225, 85, 30);
const RED: Color = srgb(190, 30, 30);
const WHITE: Color = srgb(225, 225, 220);

/** A traffic cone or a striped beacon; class pole. */
export function addBeacon(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  if (random.chance(0.5)) {
    const h = random.uniform(0.45, 0.95);
    const orange = metalSurface(context, LABEL.pole, ORANGE, [0.2, 0.03, 0]);
    const white = metalSurface(context, LABEL.pole, WHITE, [0.2, 0.03, 0]);
    const base = h * 0.24;
    addBox(mesh, orange, { x: [-base, base], y: [-base, base], z: [0, 0.05] });
    const radius = (z: number): number => 0.04 + (1 - z / h) * h * 0.16;
    let low = 0.05;
    for (const [share, skin] of [
      [0.35, orange],
      [0.55, white],
      [0.72, orange],
      [0.86, white],
      [1, orange],
    ] as const) {
      addTube(
        mesh,
        skin,
        [
          [0, 0, low],
          [0, 0, share * h],
        ],
        [radius(low), radius(share * h)],
        { sides: 8, caps: share === 1 },
      );
      low = share * h;
    }
  } else {
    const face = mesh.surface({
      material: MATERIAL.sign,
      label: LABEL.trafficSign,
      color: WHITE,
      color2: random.chance(0.7) ? RED : ORANGE,
      seed: random.uint32(),
      params: [3],
      twoSided: true,
    });
    const rubber = metalSurface(context, LABEL.pole, srgb(35, 35, 35));
    addBox(mesh, rubber, { x: [-0.3, 0.3], y: [-0.2, 0.2], z: [0, 0.12] });
    addQuad(mesh, face, [
      [0, 0.13, 0.2],
      [0, -0.13, 0.2],
      [0, -0.13, 1.2],
      [0, 0.13, 1.2],
    ]);
  }
  mesh.endGroup();
}

/** A site fence or a striped barrier from x = 0 to `length`; class fence. */
export function addBarrier(context: SceneContext, frame: ObjectFrame, length: number): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const steel = metalSurface(context, LABEL.fence, srgb(150, 152, 155));
  const boards = random.chance(0.45);
  if (boards) {
    const board = mesh.surface({
      material: MATERIAL.sign,
      label: LABEL.fence,
      color: WHITE,
      color2: RED,
      seed: random.uint32(),
      params: [3],
      twoSided: true,
    });
    for (let x = 0; x + 0.1 < length; x += 2) {
      const to = Math.min(length, x + 1.95);
      for (const z of [0.2, 0.8])
        addQuad(mesh, board, [
          [x, 0, z],
          [to, 0, z],
          [to, 0, z + 0.2],
          [x, 0, z + 0.2],
        ]);
      addBox(mesh, steel, { x: [x, x + 0.05], y: [-0.03, 0.03], z: [0, 1.05] });
    }
  } else {
    const wire = mesh.surface({
      material: MATERIAL.metal,
      label: LABEL.fence,
      color: srgb(140, 142, 145),
      seed: random.uint32(),
      params: [0.2, 0.08, 0],
      cutout: CUTOUT.mesh,
      cutoutAmount: random.uniform(6, 12),
      twoSided: true,
    });
    const h = random.uniform(1.7, 2.1);
    for (let x = 0; x + 0.2 < length; x += 3.5) {
      const to = Math.min(length, x + 3.45);
      addQuad(mesh, wire, [
        [x, 0, 0.15],
        [to, 0, 0.15],
        [to, 0, h],
        [x, 0, h],
      ]);
      for (const at of [x, to])
        addTube(
          mesh,
          steel,
          [
            [at, 0, 0],
            [at, 0, h],
          ],
          [0.025, 0.025],
          { sides: 5 },
        );
      addBox(mesh, steel, { x: [x - 0.12, x + 0.12], y: [-0.35, 0.35], z: [0, 0.14] });
    }
  }
  mesh.endGroup();
}
