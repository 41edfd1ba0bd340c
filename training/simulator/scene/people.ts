import { cos, sin } from '../exact-math.js';
import type { ObjectFrame } from '../mesh/frame.js';
import { addBlob, addBox, addTube } from '../mesh/shapes.js';
import { type Color, MATERIAL } from '../mesh/surface.js';
import type { Random } from '../random.js';
import { LABEL, type SceneContext } from './context.js';
import { hsv, type Palette, srgb, varied } from './palette.js';

const SKIN: readonly Color[] = [
  srgb(225, 180, 150),
  srgb(200, 150, 120),
  srgb(150, 105, 80),
  srgb(95, 65, 50),
  srgb(235, 195, 170),
];
const CLOTHES: readonly Color[] = [
  srgb(35, 40, 60),
  srgb(25, 25, 28),
  srgb(60, 75, 110),
  srgb(120, 118, 115),
  srgb(205, 203, 198),
  srgb(120, 40, 40),
  srgb(95, 85, 60),
  srgb(50, 70, 50),
];

function clothColor(random: Random, palette: Palette): Color {
  return random.chance(0.25)
    ? hsv(random.uniform(0, 6), random.uniform(0.3, 0.9), random.uniform(0.25, 0.95))
    : varied(random, palette, random.pick(CLOTHES), 0.4);
}

interface Outfit {
  readonly skin: number;
  readonly hair: number;
  readonly top: number;
  readonly bottom: number;
  readonly shoes: number;
}

function dress(context: SceneContext, label: number, instance: number, helmet: boolean): Outfit {
  const { mesh, random, palette } = context;
  const cloth = (color: Color, stripes = 0): number =>
    mesh.surface({
      material: MATERIAL.cloth,
      label,
      instance,
      color,
      color2: clothColor(random, palette),
      seed: random.uint32(),
      params: [0.8, stripes],
    });
  return {
    skin: cloth(varied(random, palette, random.pick(SKIN), 0.15)),
    hair: cloth(
      helmet
        ? clothColor(random, palette)
        : varied(
            random,
            palette,
            random.pick([srgb(40, 30, 22), srgb(15, 13, 12), srgb(140, 110, 70), srgb(120, 120, 118)]),
          ),
    ),
    top: cloth(clothColor(random, palette), random.chance(0.12) ? random.uniform(4, 10) : 0),
    bottom: cloth(clothColor(random, palette)),
    shoes: cloth([0.02, 0.02, 0.02]),
  };
}

/** A standing or walking person, x forward. `phase` in radians drives the legs; `stride` 0 stands still. */
export function addPerson(
  context: SceneContext,
  frame: ObjectFrame,
  instance: number,
  phase: number,
  stride: number,
): void {
  const { mesh, random, detail } = context;
  const child = random.chance(0.12);
  const h = child ? random.uniform(1.0, 1.4) : random.normal(1.72, 0.08);
  const build = random.uniform(0.85, 1.25);
  mesh.use(frame);
  mesh.beginGroup();
  const outfit = dress(context, LABEL.person, instance, false);
  const sides = detail === 2 ? 8 : 5;
  const hip = h * 0.5;
  const shoulder = h * 0.81;
  const swing = stride * 0.42 * sin(phase);
  const skirt = random.chance(0.15);
  for (const side of [-1, 1]) {
    const a = swing * side;
    const knee: [number, number, number] = [sin(a) * h * 0.25 + 0.02, side * 0.09, hip - h * 0.24];
    const foot: [number, number, number] = [sin(a) * h * 0.44, side * 0.09, 0.06];
    addTube(mesh, outfit.bottom, [[0, side * 0.08, hip], knee], [0.085 * build, 0.065 * build], { sides });
    addTube(mesh, skirt ? outfit.skin : outfit.bottom, [knee, foot], [0.065 * build, 0.045 * build], {
      sides,
    });
    addBox(mesh, outfit.shoes, {
      x: [foot[0] - 0.08, foot[0] + 0.17],
      y: [side * 0.09 - 0.045, side * 0.09 + 0.045],
      z: [0, 0.09],
    });
    const b = -a * 0.8;
    const elbow: [number, number, number] = [sin(b) * 0.25, side * (0.24 * build), shoulder - h * 0.17];
    const hand: [number, number, number] = [sin(b) * 0.42 + 0.06, side * 0.25 * build, shoulder - h * 0.32];
    addTube(mesh, outfit.top, [[0, side * 0.19 * build, shoulder - 0.02], elbow], [0.055 * build, 0.045], {
      sides,
    });
    addTube(mesh, random.chance(0.5) ? outfit.skin : outfit.top, [elbow, hand], [0.042, 0.035], { sides });
  }
  if (skirt)
    addTube(
      mesh,
      outfit.bottom,
      [
        [0, 0, hip - h * 0.22],
        [0, 0, hip + 0.1],
      ],
      [0.25 * build, 0.15 * build],
      { sides },
    );
  addBlob(
    mesh,
    outfit.top,
    [0, 0, hip + (shoulder - hip) * 0.5],
    [0.14 * build, 0.2 * build, (shoulder - hip) * 0.64],
    { level: 1 },
  );
  addBlob(mesh, outfit.bottom, [0, 0, hip], [0.13 * build, 0.17 * build, 0.13], { level: 1 });
  addTube(
    mesh,
    outfit.skin,
    [
      [0, 0, shoulder],
      [0.01, 0, h * 0.88],
    ],
    [0.06, 0.055],
    { sides },
  );
  addBlob(mesh, outfit.skin, [0.02, 0, h * 0.93], [0.1, 0.078, h * 0.068], { level: 1 });
  addBlob(mesh, outfit.hair, [-0.015, 0, h * 0.945], [0.105, 0.085, h * 0.062], { level: 1 });
  if (random.chance(0.25))
    addBox(
      mesh,
      outfit.bottom,
      { x: [-0.3, -0.12], y: [-0.16, 0.16], z: [hip + 0.1, shoulder - 0.03] },
      true,
    );
  mesh.endGroup();
}

/** A bicycle or motorcycle, with a rider (own instance) when `riderInstance` is not 0. */
export function addTwoWheeler(
  context: SceneContext,
  {
    frame,
    motor,
    instance,
    riderInstance,
    phase,
  }: {
    readonly frame: ObjectFrame;
    readonly motor: boolean;
    readonly instance: number;
    readonly riderInstance: number;
    readonly phase: number;
  },
): void {
  const { mesh, random, palette } = context;
  const label = motor ? LABEL.motorcycle : LABEL.bicycle;
  mesh.use(frame);
  mesh.beginGroup();
  const color = random.chance(0.5)
    ? hsv(random.uniform(0, 6), 0.8, random.uniform(0.2, 0.8))
    : varied(random, palette, [0.03, 0.03, 0.03]);
  const body = mesh.surface({
    material: MATERIAL.metal,
    label,
    instance,
    color,
    seed: random.uint32(),
    params: [0.2, 0.08, 0],
  });
  const dark = mesh.surface({
    material: MATERIAL.plain,
    label,
    instance,
    color: [0.015, 0.015, 0.015],
    params: [0.3],
  });
  const r = motor ? 0.31 : 0.34;
  const base = motor ? 0.7 : 0.52;
  for (const x of [-base, base]) {
    if (motor)
      addTube(
        mesh,
        dark,
        [
          [x, -0.07, r],
          [x, 0.07, r],
        ],
        [r, r],
        { sides: 14, caps: true },
      );
    else {
      // A rim of thin tubes, so that one sees through the wheel.
      const n = 14;
      for (let k = 0; k < n; k++) {
        const a = (2 * Math.PI * k) / n;
        const b = (2 * Math.PI * (k + 1)) / n;
        addTube(
          mesh,
          dark,
          [
            [x + r * cos(a), 0, r + r * sin(a)],
            [x + r * cos(b), 0, r + r * sin(b)],
          ],
          [0.022, 0.022],
          { sides: 4 },
        );
      }
    }
  }
  const seat = motor ? 0.78 : 0.95;
  if (motor) {
    addBox(mesh, dark, { x: [-0.3, 0.35], y: [-0.16, 0.16], z: [0.25, 0.62] }, true);
    addBlob(mesh, body, [0.2, 0, 0.72], [0.34, 0.17, 0.17], { level: 1 });
    addBox(mesh, dark, { x: [-0.75, -0.05], y: [-0.13, 0.13], z: [0.7, seat] }, true);
    addTube(
      mesh,
      body,
      [
        [base, 0, r],
        [base - 0.28, 0, 1.02],
      ],
      [0.05, 0.05],
      { sides: 6 },
    );
    addTube(
      mesh,
      dark,
      [
        [base - 0.3, -0.36, 1.04],
        [base - 0.3, 0.36, 1.04],
      ],
      [0.025, 0.025],
      { sides: 5 },
    );
    addTube(
      mesh,
      dark,
      [
        [-0.8, -0.17, 0.4],
        [0, -0.17, 0.35],
      ],
      [0.06, 0.05],
      { sides: 6, caps: true },
    );
    const lamp = mesh.surface({
      material: MATERIAL.lamp,
      label,
      instance,
      color: [0.35, 0.02, 0.02],
      params: [0, 0],
    });
    addBox(mesh, lamp, { x: [-0.8, -0.75], y: [-0.08, 0.08], z: [0.68, 0.76] });
  } else {
    addTube(
      mesh,
      body,
      [
        [-base, 0, r],
        [-0.12, 0, 0.88],
      ],
      [0.02, 0.02],
      { sides: 5 },
    );
    addTube(
      mesh,
      body,
      [
        [-0.05, 0, 0.3],
        [-0.15, 0, seat],
      ],
      [0.022, 0.022],
      { sides: 5 },
    );
    addTube(
      mesh,
      body,
      [
        [-0.05, 0, 0.3],
        [base - 0.18, 0, 0.85],
      ],
      [0.025, 0.025],
      { sides: 5 },
    );
    addTube(
      mesh,
      body,
      [
        [-0.13, 0, 0.82],
        [base - 0.16, 0, 0.88],
      ],
      [0.022, 0.022],
      { sides: 5 },
    );
    addTube(
      mesh,
      body,
      [
        [-base, 0, r],
        [-0.05, 0, 0.3],
      ],
      [0.018, 0.018],
      { sides: 5 },
    );
    addTube(
      mesh,
      body,
      [
        [base, 0, r],
        [base - 0.2, 0, 1.02],
      ],
      [0.022, 0.022],
      { sides: 5 },
    );
    addTube(
      mesh,
      dark,
      [
        [base - 0.22, -0.28, 1.04],
        [base - 0.22, 0.28, 1.04],
      ],
      [0.018, 0.018],
      { sides: 5 },
    );
    addBox(mesh, dark, { x: [-0.28, 0], y: [-0.07, 0.07], z: [seat, seat + 0.06] }, true);
  }
  mesh.endGroup();
  if (riderInstance === 0) return;
  mesh.beginGroup();
  const outfit = dress(context, LABEL.rider, riderInstance, motor || random.chance(0.5));
  const lean = motor ? 0.25 : random.uniform(0.15, 0.4);
  const hip: [number, number, number] = [-0.18, 0, seat + 0.1];
  const neck: [number, number, number] = [hip[0] + lean, 0, hip[2] + 0.52];
  addTube(mesh, outfit.top, [hip, neck], [0.17, 0.19], { sides: 8, caps: true });
  for (const side of [-1, 1]) {
    const pedal = motor ? 0 : 0.16 * sin(phase) * side;
    const foot: [number, number, number] = [
      0.05 + (motor ? 0 : 0.16 * cos(phase) * side),
      side * 0.13,
      0.32 + pedal,
    ];
    const knee: [number, number, number] = [0.28, side * 0.14, seat - 0.2 + pedal * 0.6];
    addTube(mesh, outfit.bottom, [[hip[0], side * 0.1, hip[2]], knee], [0.09, 0.07], { sides: 6 });
    addTube(mesh, outfit.bottom, [knee, foot], [0.065, 0.045], { sides: 6 });
    addBox(
      mesh,
      outfit.shoes,
      {
        x: [foot[0] - 0.08, foot[0] + 0.16],
        y: [side * 0.13 - 0.04, side * 0.13 + 0.04],
        z: [foot[2] - 0.05, foot[2] + 0.04],
      },
      true,
    );
    addTube(
      mesh,
      outfit.top,
      [
        [neck[0], side * 0.19, neck[2] - 0.05],
        [base - 0.24, side * 0.26, 1.06],
      ],
      [0.055, 0.04],
      { sides: 6 },
    );
  }
  addBlob(mesh, outfit.skin, [neck[0] + 0.08, 0, neck[2] + 0.18], [0.1, 0.085, 0.12], { level: 1 });
  addBlob(
    mesh,
    outfit.hair,
    [neck[0] + 0.06, 0, neck[2] + 0.22],
    [motor ? 0.14 : 0.115, motor ? 0.13 : 0.1, motor ? 0.15 : 0.1],
    { level: 1 },
  );
  mesh.endGroup();
}
