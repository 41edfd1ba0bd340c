import { cos, sin } from '../exact-math.js';
import type { ObjectFrame } from '../mesh/frame.js';
import { addBlob, addBox, addTube } from '../mesh/shapes.js';
import { type Color, CUTOUT, MATERIAL } from '../mesh/surface.js';
import { LABEL, type SceneContext } from './context.js';
import { srgb, varied } from './palette.js';

const GREENS: readonly Color[] = [
  srgb(70, 92, 42),
  srgb(58, 80, 38),
  srgb(88, 105, 48),
  srgb(50, 68, 40),
  srgb(98, 110, 60),
  srgb(80, 88, 52),
  srgb(62, 76, 34),
];
const AUTUMN: readonly Color[] = [srgb(140, 110, 45), srgb(150, 85, 35), srgb(120, 100, 55)];

export interface LeafSurfaces {
  readonly outer: number;
  readonly middle: number;
  readonly inner: number;
}

/** Surfaces of the leaves of one plant. @param holes share of a surface that is cut out. */
export function leafSurfaces(context: SceneContext, holes: number): LeafSurfaces {
  const { mesh, random, palette } = context;
  const base = varied(
    random,
    palette,
    random.chance(0.06) ? random.pick(AUTUMN) : random.pick(GREENS),
    0.3,
    0.15,
  );
  const color2 = varied(random, palette, base, 0.45, 0.12);
  const contrast = random.uniform(0.55, 1.1);
  const size = random.uniform(0.7, 1.5);
  const spec = {
    material: MATERIAL.foliage,
    label: LABEL.vegetation,
    color: base,
    color2,
    cutout: CUTOUT.foliage,
  };
  const shell = (holesHere: number, light: number, castsShadow: boolean): number =>
    mesh.surface({
      ...spec,
      seed: random.uint32(),
      params: [contrast, size, light],
      cutoutAmount: Math.max(0, holesHere),
      castsShadow,
    });
  return {
    outer: shell(holes, 1, true),
    middle: shell(holes - 0.06, 0.75, false),
    inner: shell(holes - 0.2, 0.45, true),
  };
}

function addLeafBall(
  context: SceneContext,
  {
    leaves,
    x,
    y,
    z,
    rx,
    rz,
  }: {
    readonly leaves: LeafSurfaces;
    readonly x: number;
    readonly y: number;
    readonly z: number;
    readonly rx: number;
    readonly rz: number;
  },
): void {
  const { mesh, random, detail } = context;
  const level = detail >= 1 ? 1 : 0;
  addBlob(mesh, leaves.outer, [x, y, z], [rx, rx, rz], { level, bumpiness: 0.32, seed: random.uint32() });
  if (detail >= 1)
    addBlob(mesh, leaves.middle, [x, y, z], [rx * 0.86, rx * 0.86, rz * 0.86], {
      level,
      bumpiness: 0.3,
      seed: random.uint32(),
    });
  addBlob(mesh, leaves.inner, [x, y, z], [rx * 0.66, rx * 0.66, rz * 0.66], {
    level: 0,
    bumpiness: 0.3,
    seed: random.uint32(),
  });
}

/** A tree of the given height (m) with no leaves below `headroom` (m); returns the radius of its crown (m). */
export function addTree(context: SceneContext, frame: ObjectFrame, height: number, headroom = 0): number {
  const { mesh, random, palette, detail } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const kind = random.weighted({ broad: 6, tall: 2, conifer: headroom > 0 ? 0.15 : 1.3, ball: 1 });
  const trunkColor = varied(random, palette, srgb(88, 76, 62), 0.4, 0.12);
  const bark = mesh.surface({
    material: MATERIAL.metal,
    label: LABEL.vegetation,
    color: trunkColor,
    seed: random.uint32(),
    params: [0.9, 0, 0],
  });
  const radius = Math.max(0.06, height * random.uniform(0.014, 0.032));
  const share = kind === 'conifer' ? 0.08 : kind === 'ball' ? 0.45 : random.uniform(0.2, 0.38);
  const clear = Math.min(height * 0.7, Math.max(height * share, headroom));
  const leaves = leafSurfaces(context, random.uniform(0.44, 0.58));
  let crown: number;
  addTube(
    mesh,
    bark,
    [
      [0, 0, -0.3],
      [random.uniform(-0.2, 0.2), random.uniform(-0.2, 0.2), clear + height * 0.25],
    ],
    [radius * 1.15, radius * 0.6],
    { sides: detail >= 1 ? 8 : 5 },
  );
  if (kind === 'conifer') {
    crown = height * random.uniform(0.16, 0.25);
    const layers = detail >= 1 ? 6 : 3;
    for (let k = 0; k < layers; k++) {
      const t = k / layers;
      const r = crown * (1.05 - t) + 0.15;
      addLeafBall(context, {
        leaves,
        x: 0,
        y: 0,
        z: clear + (height - clear) * (t + 0.4 / layers),
        rx: r,
        rz: ((height - clear) / layers) * 0.85,
      });
    }
  } else {
    const spread = kind === 'tall' ? 0.17 : kind === 'ball' ? 0.22 : random.uniform(0.26, 0.42);
    crown = height * spread;
    const count = detail === 2 ? random.integer(9, 14) : detail === 1 ? random.integer(5, 8) : 3;
    const middle = (clear + height) / 2;
    const half = (height - clear) / 2;
    for (let k = 0; k < count; k++) {
      const angle = k * 2.4 + random.uniform(-0.5, 0.5);
      const zRel = random.uniform(-0.8, 0.8);
      const ring = crown * 0.62 * Math.sqrt(1 - zRel * zRel * 0.8) * random.uniform(0.55, 1.1);
      const r = crown * random.uniform(0.38, 0.58) * (detail === 0 ? 1.45 : 1);
      const z = Math.max(clear + (headroom > 0 ? r * 0.8 : 0), middle + half * zRel * 0.72);
      addLeafBall(context, {
        leaves,
        x: cos(angle) * ring,
        y: sin(angle) * ring,
        z,
        rx: r,
        rz: r * random.uniform(0.65, 0.95),
      });
      if (detail === 2 && k < 5)
        addTube(
          mesh,
          bark,
          [
            [0, 0, clear * 0.9],
            [cos(angle) * ring * 0.8, sin(angle) * ring * 0.8, z],
          ],
          [radius * 0.5, radius * 0.2],
          { sides: 5 },
        );
    }
    addLeafBall(context, { leaves, x: 0, y: 0, z: middle, rx: crown * 0.7, rz: half * 0.75 });
  }
  mesh.endGroup();
  return crown;
}

/** A bush, `size` metres high. */
export function addBush(context: SceneContext, frame: ObjectFrame, size: number): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const leaves = leafSurfaces(context, random.uniform(0.36, 0.54));
  const count = random.integer(1, context.detail >= 1 ? 4 : 2);
  for (let k = 0; k < count; k++) {
    const r = size * random.uniform(0.45, 0.75);
    addLeafBall(context, {
      leaves,
      x: random.uniform(-0.6, 0.6) * size,
      y: random.uniform(-0.4, 0.4) * size,
      z: size * random.uniform(0.35, 0.5),
      rx: r,
      rz: size * random.uniform(0.45, 0.62),
    });
  }
  mesh.endGroup();
}

/** A clipped hedge from x = 0 to `length`, in the frame; `width`, `height` in metres. */
export function addHedge(
  context: SceneContext,
  frame: ObjectFrame,
  length: number,
  width: number,
  height: number,
): void {
  const { mesh, random } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const leaves = leafSurfaces(context, random.uniform(0.15, 0.42));
  addBox(mesh, leaves.outer, { x: [0, length], y: [-width / 2, width / 2], z: [-0.3, height] });
  addBox(mesh, leaves.inner, {
    x: [0.12, length - 0.12],
    y: [-width / 2 + 0.12, width / 2 - 0.12],
    z: [-0.3, height - 0.12],
  });
  mesh.endGroup();
}
