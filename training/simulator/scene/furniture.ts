import type { ObjectFrame } from '../mesh/frame.js';
import { addBox, addQuad, addTube } from '../mesh/shapes.js';
import { type Color, CUTOUT, MATERIAL } from '../mesh/surface.js';
import { LABEL, type SceneContext, staticLabel } from './context.js';
import { metalSurface } from './metal-surface.js';
import { hsv, srgb, varied } from './palette.js';

type Point = readonly [number, number, number];

/** A lamp post; its arm reaches `reach` metres towards +y (negative: towards -y). */
export function addLamp(context: SceneContext, frame: ObjectFrame, height: number, reach: number): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const pole = metalSurface(
    context,
    LABEL.pole,
    random.pick([srgb(120, 124, 126), srgb(80, 84, 84), srgb(50, 60, 52)]),
  );
  addTube(
    mesh,
    pole,
    [
      [0, 0, -0.2],
      [0, 0, height],
    ],
    [random.uniform(0.07, 0.11), 0.05],
    { sides: 8 },
  );
  addTube(
    mesh,
    pole,
    [
      [0, 0, height],
      [0, reach, height + 0.25],
    ],
    [0.045, 0.04],
    { sides: 6 },
  );
  addBox(
    mesh,
    pole,
    {
      x: [-0.15, 0.15],
      y: [Math.min(reach, reach * 1.3), Math.max(reach, reach * 1.3)],
      z: [height + 0.18, height + 0.3],
    },
    true,
  );
  mesh.endGroup();
}

/** A plain post, bollard or mast. */
export function addPost(
  context: SceneContext,
  {
    frame,
    height,
    radius,
    color,
    band = 0,
  }: {
    readonly frame: ObjectFrame;
    readonly height: number;
    readonly radius: number;
    readonly color: Color;
    readonly band?: number;
  },
): void {
  const { mesh } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const pole = context.mesh.surface({
    material: MATERIAL.metal,
    label: LABEL.pole,
    color: varied(context.random, context.palette, color),
    color2: [0.45, 0.03, 0.03],
    seed: context.random.uint32(),
    params: [0.35, 0.05, band],
  });
  addTube(
    mesh,
    pole,
    [
      [0, 0, -0.2],
      [0, 0, height],
    ],
    [radius, radius * 0.9],
    { sides: 8, caps: true },
  );
  mesh.endGroup();
}

/** A fence from x = 0 to `length`. */
export function addFence(context: SceneContext, frame: ObjectFrame, length: number): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const kind = random.weighted({ planks: 3, pickets: 3, mesh: 2, rails: 1.5 });
  const height = random.uniform(0.8, 1.9);
  const color =
    kind === 'mesh'
      ? random.pick([srgb(60, 80, 60), srgb(130, 132, 134)])
      : random.pick([
          srgb(110, 90, 65),
          srgb(140, 125, 100),
          srgb(200, 198, 190),
          srgb(85, 60, 45),
          srgb(60, 62, 64),
        ]);
  const skin = mesh.surface({
    material: kind === 'mesh' ? MATERIAL.metal : MATERIAL.planks,
    label: LABEL.fence,
    color: varied(random, palette, color),
    seed: random.uint32(),
    params:
      kind === 'mesh'
        ? [0.2, 0.05, 0]
        : kind === 'pickets'
          ? [height * 0.25, height * 0.8]
          : [random.uniform(0.1, 0.2), random.chance(0.3) ? 1 : 0],
    cutout: kind === 'pickets' ? CUTOUT.pickets : kind === 'mesh' ? CUTOUT.mesh : CUTOUT.none,
    cutoutAmount: kind === 'mesh' ? random.uniform(7, 14) : random.uniform(4, 8),
    twoSided: true,
  });
  if (kind === 'rails') {
    for (const z of [height * 0.45, height * 0.9])
      addBox(mesh, skin, { x: [0, length], y: [-0.03, 0.03], z: [z - 0.05, z + 0.05] }, true);
  } else
    addQuad(mesh, skin, [
      [0, 0, -0.3],
      [length, 0, -0.3],
      [length, 0, height],
      [0, 0, height],
    ]);
  for (let x = 0; x <= length; x += 2.4)
    addBox(mesh, skin, { x: [x - 0.05, x + 0.05], y: [-0.05, 0.05], z: [-0.3, height + 0.08] });
  mesh.endGroup();
}

/** A garden or retaining wall from x = 0 to `length`. */
export function addWall(context: SceneContext, frame: ObjectFrame, length: number, height: number): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const style = random.integer(0, 2);
  const skin = mesh.surface({
    material: MATERIAL.brick,
    label: LABEL.wall,
    color: varied(
      random,
      palette,
      random.pick([
        srgb(170, 165, 155),
        srgb(140, 85, 65),
        srgb(150, 140, 125),
        srgb(190, 185, 175),
        srgb(110, 108, 104),
      ]),
      0.3,
    ),
    seed: random.uint32(),
    params: [random.uniform(0.25, 0.6), random.uniform(0.08, 0.3), style],
  });
  addBox(mesh, skin, { x: [0, length], y: [-0.13, 0.13], z: [-0.5, height] });
  mesh.endGroup();
}

/** A steel guard rail from x = 0 to `length`; its class is that of `staticLabel`. */
export function addGuardRail(context: SceneContext, frame: ObjectFrame, length: number): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const concrete = random.chance(0.25);
  if (concrete) {
    const skin = mesh.surface({
      material: MATERIAL.brick,
      label: LABEL.wall,
      color: varied(random, context.palette, srgb(170, 168, 162)),
      seed: random.uint32(),
      params: [3, 1, 2],
    });
    addBox(mesh, skin, { x: [0, length], y: [-0.15, 0.15], z: [-0.2, 0.85] });
  } else {
    const steel = metalSurface(
      context,
      staticLabel(context, LABEL.fence),
      srgb(150, 153, 156),
      [0.35, 0.12, 0],
    );
    for (const y of [-0.06, 0.06])
      addBox(mesh, steel, { x: [0, length], y: [y - 0.02, y + 0.02], z: [0.45, 0.78] }, true);
    for (let x = 0; x < length; x += 4)
      addBox(mesh, steel, { x: [x - 0.04, x + 0.04], y: [-0.05, 0.05], z: [-0.2, 0.7] });
  }
  mesh.endGroup();
}

/** A bridge over the road: deck, parapets, pillars and abutments; its class is that of `staticLabel`. */
export function addBridge(context: SceneContext, frame: ObjectFrame, right: number, left: number): void {
  const { mesh, random, palette } = context;
  mesh.use({ ...frame, slope: 0 });
  mesh.beginGroup();
  const skin = mesh.surface({
    material: MATERIAL.brick,
    label: staticLabel(context, LABEL.building),
    color: varied(
      random,
      palette,
      random.pick([srgb(160, 158, 150), srgb(120, 118, 112), srgb(90, 100, 95)]),
      0.3,
    ),
    seed: random.uint32(),
    params: [2, 1, 2],
  });
  const z = random.uniform(4.8, 6.5);
  const thick = random.uniform(0.7, 1.6);
  const width = random.uniform(3, 14);
  addBox(mesh, skin, { x: [0, width], y: [right - 70, left + 70], z: [z, z + thick] }, true);
  const rail = mesh.surface({
    material: MATERIAL.metal,
    label: LABEL.fence,
    color: varied(random, palette, srgb(110, 115, 118)),
    seed: 1,
    params: [0.2, 0.05, 0],
    cutout: CUTOUT.mesh,
    cutoutAmount: 4,
    twoSided: true,
  });
  for (const x of [0, width]) {
    const a: Point = [x, right - 70, z + thick];
    const b: Point = [x, left + 70, z + thick];
    addQuad(mesh, rail, [a, b, [b[0], b[1], b[2] + 1.1], [a[0], a[1], a[2] + 1.1]]);
  }
  for (const y of [right - 1, left + 1]) {
    if (random.chance(0.6))
      addTube(
        mesh,
        skin,
        [
          [width / 2, y, -1],
          [width / 2, y, z],
        ],
        [random.uniform(0.3, 0.7), 0.5],
        { sides: 10 },
      );
    else
      addBox(mesh, skin, {
        x: [0.3, width - 0.3],
        y: [Math.min(y, y + Math.sign(y) * 1.2), Math.max(y, y + Math.sign(y) * 1.2)],
        z: [-1, z],
      });
  }
  mesh.endGroup();
}

/** Dust bins, boxes, benches, bus shelters, containers: things without a class. */
export function addClutter(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const color = random.chance(0.5)
    ? varied(random, palette, srgb(70, 75, 78))
    : hsv(random.uniform(0, 6), random.uniform(0.2, 0.8), random.uniform(0.2, 0.8));
  const skin = mesh.surface({
    material: MATERIAL.plain,
    label: staticLabel(context, LABEL.wall),
    color,
    seed: random.uint32(),
    params: [0.4],
  });
  const w = random.uniform(0.25, 0.7);
  const d = random.uniform(0.25, 0.6);
  addBox(mesh, skin, { x: [-w, w], y: [-d, d], z: [0, random.uniform(0.6, 1.5)] });
  mesh.endGroup();
}

/** An overhead wire across or along the road from a to b (frame coordinates). */
export function addWire(context: SceneContext, frame: ObjectFrame, a: Point, b: Point): void {
  const { mesh } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const wire = mesh.surface({
    material: MATERIAL.plain,
    label: LABEL.none,
    color: [0.01, 0.01, 0.01],
    params: [0],
  });
  const middle: Point = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2 - 0.4];
  addTube(mesh, wire, [a, middle], [0.015, 0.015], { sides: 3 });
  addTube(mesh, wire, [middle, b], [0.015, 0.015], { sides: 3 });
  mesh.endGroup();
}
