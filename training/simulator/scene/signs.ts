import type { ObjectFrame } from '../mesh/frame.js';
import { addBox, addQuad, addTube } from '../mesh/shapes.js';
import { type Color, MATERIAL } from '../mesh/surface.js';
import { LABEL, type SceneContext } from './context.js';
import { metalSurface } from './metal-surface.js';
import { srgb, varied } from './palette.js';

/** A traffic sign on a post, its face towards -x (to the traffic that comes along +x). */
export function addSign(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const pole = metalSurface(context, LABEL.pole, srgb(140, 142, 144));
  const z = random.uniform(2.0, 2.8);
  const kind = random.weighted({ round: 4, triangle: 2, rectangle: 3, diamond: 1, street: 1.5, big: 0.8 });
  const white: Color = [0.75, 0.75, 0.75];
  const red: Color = [0.5, 0.02, 0.03];
  const blue: Color = [0.02, 0.12, 0.45];
  const back = metalSurface(context, LABEL.trafficSign, srgb(130, 132, 134));
  const face = (color: Color, color2: Color, style: number): number =>
    mesh.surface({
      material: MATERIAL.sign,
      label: LABEL.trafficSign,
      color: varied(random, palette, color, 0.1, 0.03),
      color2: varied(random, palette, color2, 0.1, 0.03),
      seed: random.uint32(),
      params: [style],
    });
  const plate = (surface: number, points: readonly (readonly [number, number])[]): void => {
    for (const [x, normal, skin] of [
      [-0.06, -1, surface],
      [-0.04, 1, back],
    ] as const) {
      const ys = points.map((p) => p[0]);
      const zs = points.map((p) => p[1]);
      const y0 = Math.min(...ys);
      const z0 = Math.min(...zs);
      const sizeY = Math.max(...ys) - y0;
      const sizeZ = Math.max(...zs) - z0;
      const first = mesh.vertexCount;
      for (const p of points)
        mesh.vertex([x, p[0], z + p[1]], [normal, 0, 0], (p[0] - y0) / sizeY, (p[1] - z0) / sizeZ);
      for (let k = 1; k + 1 < points.length; k++) mesh.triangle(first, first + k, first + k + 1, skin);
    }
  };
  const r = random.uniform(0.28, 0.38);
  if (kind === 'round') {
    const ring: [number, number][] = [];
    for (let k = 0; k < 12; k++) {
      const c = [1, 0.866, 0.5, 0, -0.5, -0.866, -1, -0.866, -0.5, 0, 0.5, 0.866][k];
      const s = [0, 0.5, 0.866, 1, 0.866, 0.5, 0, -0.5, -0.866, -1, -0.866, -0.5][k];
      ring.push([c * r, s * r]);
    }
    plate(random.chance(0.65) ? face(white, red, 2) : face(blue, white, 2), ring);
  } else if (kind === 'triangle') {
    plate(face(white, red, 2), [
      [-r * 1.2, -r * 0.7],
      [r * 1.2, -r * 0.7],
      [0, r * 1.35],
    ]);
  } else if (kind === 'diamond') {
    plate(face([0.7, 0.5, 0.02], white, 0), [
      [0, -r],
      [r, 0],
      [0, r],
      [-r, 0],
    ]);
  } else {
    const w = kind === 'big' ? random.uniform(0.8, 1.6) : kind === 'street' ? 0.6 : r;
    const hh = kind === 'street' ? 0.12 : kind === 'big' ? random.uniform(0.5, 1) : random.uniform(0.3, 0.5);
    const ground = random.pick([white, blue, [0.75, 0.5, 0.02] as const, [0.02, 0.25, 0.08] as const]);
    plate(face(ground, ground === white ? [0.02, 0.02, 0.02] : white, random.chance(0.7) ? 1 : 0), [
      [-w, -hh],
      [w, -hh],
      [w, hh],
      [-w, hh],
    ]);
    if (kind === 'big')
      addTube(
        mesh,
        pole,
        [
          [0, w * 0.7, -0.2],
          [0, w * 0.7, z + hh],
        ],
        [0.04, 0.04],
        { sides: 6 },
      );
  }
  addTube(
    mesh,
    pole,
    [
      [0, 0, -0.2],
      [0, 0, z + r],
    ],
    [0.032, 0.032],
    { sides: 6, caps: true },
  );
  mesh.endGroup();
}

/** A traffic light on a post beside the road or on an arm over it; it faces -x. */
export function addTrafficLight(context: SceneContext, frame: ObjectFrame, reach: number): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const pole = metalSurface(context, LABEL.pole, srgb(90, 94, 96));
  const high = reach !== 0;
  addTube(
    mesh,
    pole,
    [
      [0, 0, -0.2],
      [0, 0, high ? 5.8 : 3.4],
    ],
    [0.07, 0.06],
    { sides: 8 },
  );
  const lit = random.pick([0, 0, 1, 2]);
  const box = mesh.surface({
    material: MATERIAL.lamp,
    label: LABEL.trafficLight,
    color: random.chance(0.8) ? [0.015, 0.015, 0.015] : [0.4, 0.3, 0.02],
    params: [lit, 1],
  });
  const dark = mesh.surface({
    material: MATERIAL.plain,
    label: LABEL.trafficLight,
    color: [0.015, 0.015, 0.015],
    params: [0.2],
  });
  const head = (y: number, z: number): void => {
    addBox(mesh, dark, { x: [0.02, 0.25], y: [y - 0.16, y + 0.16], z: [z - 0.46, z + 0.46] }, true);
    addQuad(
      mesh,
      box,
      [
        [0, y + 0.17, z - 0.47],
        [0, y - 0.17, z - 0.47],
        [0, y - 0.17, z + 0.47],
        [0, y + 0.17, z + 0.47],
      ],
      [-1, 0, 0],
    );
  };
  head(high ? 0.25 : 0, 2.9);
  if (high) {
    addTube(
      mesh,
      pole,
      [
        [0, 0, 5.6],
        [0, reach, 5.7],
      ],
      [0.06, 0.05],
      { sides: 6 },
    );
    head(reach * 0.95, 5.3);
  }
  mesh.endGroup();
}

/** A sign gantry over the road from y = `right` to y = `left`. */
export function addGantry(context: SceneContext, frame: ObjectFrame, right: number, left: number): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const steel = metalSurface(context, LABEL.pole, srgb(140, 143, 146));
  const z = random.uniform(5.6, 7);
  for (const y of [right, left])
    addTube(
      mesh,
      steel,
      [
        [0, y, -0.3],
        [0, y, z + 0.4],
      ],
      [0.18, 0.15],
      { sides: 8 },
    );
  addBox(mesh, steel, { x: [-0.15, 0.15], y: [right, left], z: [z, z + 0.35] }, true);
  let y = right + 0.5;
  while (y + 3.5 < left) {
    const w = random.uniform(2.5, 4);
    if (random.chance(0.75)) {
      const face = mesh.surface({
        material: MATERIAL.sign,
        label: LABEL.trafficSign,
        color: random.chance(0.6) ? [0.02, 0.12, 0.45] : [0.02, 0.25, 0.08],
        color2: [0.75, 0.75, 0.75],
        seed: random.uint32(),
        params: [1],
      });
      const h = random.uniform(1.6, 3);
      const y1 = Math.min(left - 0.3, y + w);
      addQuad(
        mesh,
        face,
        [
          [-0.25, y1, z - 0.5],
          [-0.25, y, z - 0.5],
          [-0.25, y, z - 0.5 + h],
          [-0.25, y1, z - 0.5 + h],
        ],
        [-1, 0, 0],
      );
    }
    y += w + random.uniform(0.3, 2);
  }
  mesh.endGroup();
}
