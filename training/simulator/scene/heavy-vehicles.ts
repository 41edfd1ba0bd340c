import type { ObjectFrame } from '../mesh/frame.js';
import { addBox, addQuad, addTube } from '../mesh/shapes.js';
import { type Color, MATERIAL } from '../mesh/surface.js';
import type { VehicleBody } from './car.js';
import { LABEL, type SceneContext } from './context.js';
import { carColor, srgb, varied } from './palette.js';
import { addPrintedSides } from './printed-sides.js';
import { addWheels } from './wheels.js';

const TRUCK_COLORS: readonly Color[] = [
  srgb(235, 235, 232),
  srgb(220, 222, 225),
  srgb(160, 30, 30),
  srgb(30, 60, 130),
  srgb(20, 80, 70),
  srgb(225, 160, 40),
  srgb(60, 110, 60),
  srgb(70, 72, 76),
  srgb(35, 35, 40),
];

/** A lorry: cab and box, tarpaulin, tank, tipper or flat bed. */
export function addTruck(
  context: SceneContext,
  frame: ObjectFrame,
  instance: number,
  braking: boolean,
): VehicleBody {
  const { mesh, random, palette } = context;
  const label = LABEL.truck;
  const heavy = random.chance(0.6);
  const width = heavy ? random.uniform(2.4, 2.55) : random.uniform(2.0, 2.3);
  const w = width / 2;
  const length = heavy ? random.uniform(8, 16.5) : random.uniform(5.5, 7.5);
  const half = length / 2;
  const cabLength = heavy ? random.uniform(1.9, 2.4) : random.uniform(1.7, 2.2);
  const cabHeight = heavy ? random.uniform(2.8, 3.7) : random.uniform(2.2, 2.6);
  const cabColor = varied(random, palette, random.pick(TRUCK_COLORS), 0.2);
  const bodyColor = varied(random, palette, random.pick(TRUCK_COLORS), 0.2);
  const letterColor = varied(random, palette, random.pick(TRUCK_COLORS), 0.2);
  const floor = heavy ? random.uniform(1.0, 1.25) : random.uniform(0.75, 0.95);
  const radius = heavy ? 0.5 : 0.38;
  mesh.use(frame);
  mesh.beginGroup();
  const seed = random.uint32();
  const dark = mesh.surface({
    material: MATERIAL.plain,
    label,
    instance,
    color: [0.015, 0.015, 0.016],
    params: [0.4],
  });
  const steel = mesh.surface({
    material: MATERIAL.metal,
    label,
    instance,
    color: varied(random, palette, [0.12, 0.12, 0.12]),
    params: [0.3, 0.1, 0],
  });
  const cab = mesh.surface({
    material: MATERIAL.busSide,
    label,
    instance,
    color: cabColor,
    color2: letterColor,
    seed,
    params: [cabHeight * 0.55, cabHeight * 0.86, 9, 0.015, 0.45, random.chance(0.5) ? 0.35 : 0],
  });
  addBox(mesh, cab, { x: [half - cabLength, half], y: [-w * 0.97, w * 0.97], z: [0.45, cabHeight] }, true);
  const front = half - cabLength - 0.25;
  const back = -half;
  addBox(
    mesh,
    dark,
    { x: [back + 0.2, front + 0.3], y: [-w * 0.4, w * 0.4], z: [radius * 1.2, floor] },
    true,
  );
  const panel = mesh.surface({
    material: MATERIAL.panel,
    label,
    instance,
    color: bodyColor,
    color2: letterColor,
    seed: seed + 1,
    params: [
      random.chance(0.6) ? random.uniform(0.3, 1.3) : 0,
      random.uniform(0.1, 0.35),
      random.chance(0.6) ? 1 : 0,
      random.uniform(1.7, 2.6),
      random.uniform(0.25, 0.6),
      random.uniform(0.9, 2.8),
      random.chance(0.4) ? random.uniform(0.1, 0.6) : 0,
    ],
  });
  const kind = random.weighted({ box: 5, tarpaulin: 3, tank: 2.2, tipper: 1.5, flat: 1.2 });
  const top = heavy ? random.uniform(3.4, 4.0) : random.uniform(2.4, 3.2);
  if (kind === 'box' || kind === 'tarpaulin')
    addBox(mesh, panel, { x: [back, front], y: [-w, w], z: [floor, top] }, true);
  else if (kind === 'tank') {
    const r = Math.min(w * 0.97, (top - floor) / 2);
    const z = floor + r;
    addTube(
      mesh,
      panel,
      [
        [back + 0.3, 0, z],
        [front - 0.2, 0, z],
      ],
      [r, r],
      { sides: 16, caps: true },
    );
    addTube(
      mesh,
      panel,
      [
        [back, 0, z],
        [back + 0.3, 0, z],
      ],
      [r * 0.6, r],
      { sides: 16, caps: true },
    );
    for (let k = 0; k < 3; k++) {
      const px = back + 1 + (k * (front - back - 2)) / 2;
      addBox(mesh, steel, { x: [px - 0.1, px + 0.1], y: [-w * 0.7, w * 0.7], z: [floor - 0.2, z] });
    }
    addTube(
      mesh,
      dark,
      [
        [back + 0.5, w - 0.15, floor - 0.05],
        [front - 0.5, w - 0.15, floor - 0.05],
      ],
      [0.14, 0.14],
      { sides: 8, caps: true },
    );
    addTube(
      mesh,
      dark,
      [
        [back + 0.5, 0.15 - w, floor - 0.05],
        [front - 0.5, 0.15 - w, floor - 0.05],
      ],
      [0.14, 0.14],
      { sides: 8, caps: true },
    );
  } else {
    const wall = kind === 'tipper' ? random.uniform(0.8, 1.4) : random.uniform(0.15, 0.5);
    addBox(mesh, panel, { x: [back, front], y: [-w, w], z: [floor, floor + wall] }, true);
    addBox(mesh, steel, {
      x: [front - 0.1, front],
      y: [-w, w],
      z: [floor + wall, Math.max(cabHeight, floor + wall + 0.3)],
    });
    if (random.chance(0.5))
      addBox(mesh, panel, {
        x: [back + 0.4, front - 0.3],
        y: [-w * 0.85, w * 0.85],
        z: [floor + wall, floor + wall + random.uniform(0.2, 1.1)],
      });
  }
  // Rear: bar with lamps, warning stripes, mud flaps, plate.
  const bar = mesh.surface({
    material: MATERIAL.sign,
    label,
    instance,
    color: random.chance(0.4) ? [0.55, 0.4, 0.02] : random.chance(0.5) ? [0.6, 0.6, 0.6] : [0.05, 0.05, 0.05],
    color2: [0.45, 0.02, 0.02],
    seed,
    params: [random.chance(0.4) ? 3 : 0],
  });
  addQuad(
    mesh,
    bar,
    [
      [back - 0.02, w * 0.95, floor - 0.3],
      [back - 0.02, -w * 0.95, floor - 0.3],
      [back - 0.02, -w * 0.95, floor - 0.08],
      [back - 0.02, w * 0.95, floor - 0.08],
    ],
    [-1, 0, 0],
  );
  for (const side of [-1, 1]) {
    const lamp = mesh.surface({
      material: MATERIAL.lamp,
      label,
      instance,
      color: braking ? [0.6, 0.03, 0.02] : [0.25, 0.01, 0.01],
      params: [0, 0],
    });
    addBox(mesh, lamp, {
      x: [back - 0.06, back],
      y: [side * w * 0.78 - 0.16, side * w * 0.78 + 0.16],
      z: [floor - 0.5, floor - 0.33],
    });
    addBox(mesh, dark, {
      x: [back + 0.1, back + 0.14],
      y: [side * w * 0.72 - 0.25, side * w * 0.72 + 0.25],
      z: [0.25, floor - 0.3],
    });
    if (heavy) {
      const rail = mesh.surface({
        material: MATERIAL.metal,
        label,
        instance,
        color: [0.3, 0.3, 0.3],
        params: [0.3, 0.05, 0],
      });
      addBox(mesh, rail, {
        x: [back + length * 0.3, front - 1.2],
        y: [side * w - 0.03, side * w],
        z: [0.5, 0.62],
      });
      addBox(mesh, rail, {
        x: [back + length * 0.3, front - 1.2],
        y: [side * w - 0.03, side * w],
        z: [0.8, 0.92],
      });
    }
  }
  const axles = heavy
    ? [half - 1.2, back + 1.3, back + 2.6, ...(length > 11 ? [back + 3.9, half - 3.6] : [])]
    : [half - 1.1, back + length * 0.24];
  addWheels(context, { instance, label, axles, halfWidth: w - 0.02, radius, thickness: 0.3 });
  if (context.namesStatic && kind === 'box' && random.chance(0.4))
    addPrintedSides(context, { back, front, halfWidth: w, low: floor, high: top }, { label, instance });
  mesh.endGroup();
  return { length, width, height: Math.max(top, cabHeight) };
}

/** A bus; with `tram` a rail car (class train). */
export function addBus(
  context: SceneContext,
  frame: ObjectFrame,
  instance: number,
  tram: boolean,
): VehicleBody {
  const { mesh, random, palette } = context;
  const label = tram ? LABEL.train : LABEL.bus;
  const length = tram ? random.uniform(18, 34) : random.uniform(9.5, 17);
  const width = tram ? random.uniform(2.3, 2.6) : random.uniform(2.45, 2.55);
  const height = random.uniform(2.9, 3.5);
  const w = width / 2;
  mesh.use(frame);
  mesh.beginGroup();
  const color = random.chance(0.5)
    ? varied(random, palette, random.pick(TRUCK_COLORS))
    : carColor(random, palette);
  const side = mesh.surface({
    material: MATERIAL.busSide,
    label,
    instance,
    color,
    color2: varied(random, palette, random.pick(TRUCK_COLORS)),
    seed: random.uint32(),
    params: [
      random.uniform(1.1, 1.5),
      random.uniform(2.3, 2.6),
      random.uniform(1.2, 2.1),
      random.uniform(0.01, 0.03),
      random.uniform(0.3, 1),
      random.uniform(0, 0.6),
    ],
  });
  addBox(mesh, side, { x: [-length / 2, length / 2], y: [-w, w], z: [0.33, height] }, true);
  const dark = mesh.surface({
    material: MATERIAL.plain,
    label,
    instance,
    color: [0.02, 0.02, 0.02],
    params: [0.3],
  });
  addBox(
    mesh,
    dark,
    { x: [-length / 2 + 0.2, length / 2 - 0.2], y: [-w * 0.9, w * 0.9], z: [0.1, 0.33] },
    true,
  );
  if (tram) addBox(mesh, dark, { x: [-2, 2], y: [-0.7, 0.7], z: [height, height + 0.3] });
  else
    addWheels(context, {
      instance,
      label,
      axles: [length / 2 - 2.6, -length / 2 + 3.2],
      halfWidth: w + 0.01,
      radius: 0.48,
      thickness: 0.3,
    });
  if (context.namesStatic && !tram && random.chance(0.35)) {
    const print = { back: -length / 2 + 4.2, front: length / 2 - 3.6, halfWidth: w, low: 0.45, high: 1.1 };
    addPrintedSides(context, print, { label, instance });
  }
  mesh.endGroup();
  return { length, width, height };
}
