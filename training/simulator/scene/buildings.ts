import type { ObjectFrame } from '../mesh/frame.js';
import { addBox, addQuad } from '../mesh/shapes.js';
import { type Color, MATERIAL } from '../mesh/surface.js';
import { LABEL, type SceneContext } from './context.js';
import { hsv, srgb, varied } from './palette.js';

const WALLS: readonly Color[] = [
  srgb(225, 218, 200),
  srgb(205, 195, 175),
  srgb(190, 180, 170),
  srgb(235, 232, 225),
  srgb(215, 190, 140),
  srgb(190, 150, 120),
  srgb(160, 160, 158),
  srgb(175, 185, 190),
  srgb(200, 170, 150),
];
const BRICKS: readonly Color[] = [
  srgb(135, 75, 58),
  srgb(150, 95, 75),
  srgb(110, 65, 55),
  srgb(165, 125, 95),
];
const ROOFS: readonly Color[] = [
  srgb(120, 62, 48),
  srgb(95, 55, 45),
  srgb(70, 68, 70),
  srgb(55, 55, 60),
  srgb(135, 85, 65),
  srgb(90, 88, 88),
];

export interface BuildingSize {
  /** Along the street, metres. */
  readonly length: number;
  readonly depth: number;
  readonly height: number;
  readonly style: 'house' | 'block' | 'tower' | 'hall';
}

/**
 * A building whose front lies on y = 0 of the frame from x = 0 to `length`. It extends to y = `depth` * side (side +1 left of
 * the road, -1 right of it).
 */
export function addBuilding(
  context: SceneContext,
  frame: ObjectFrame,
  size: BuildingSize,
  side: 1 | -1,
): void {
  const { mesh, random, palette } = context;
  const { length, depth, height, style } = size;
  const level = { ...frame, slope: 0 };
  mesh.use(level);
  mesh.beginGroup();
  const brick = random.chance(style === 'tower' ? 0.1 : 0.22);
  const wallStyle =
    style === 'tower'
      ? random.pick([0, 2, 3, 3])
      : style === 'hall'
        ? 2
        : brick
          ? 1
          : random.chance(0.15)
            ? 2
            : 0;
  const wallColor = brick
    ? varied(random, palette, random.pick(BRICKS))
    : random.chance(0.12)
      ? hsv(random.uniform(0, 6), random.uniform(0.15, 0.5), random.uniform(0.5, 0.9))
      : varied(random, palette, random.pick(WALLS), 0.4);
  const storey = random.uniform(2.6, 3.6);
  const windowWidth = random.uniform(0.8, 1.8) * (wallStyle === 3 ? 1.4 : 1);
  const params = [
    storey,
    windowWidth + random.uniform(0.4, 2.2) * (wallStyle === 3 ? 0.15 : 1),
    windowWidth,
    Math.min(storey - 0.8, random.uniform(1.0, 1.9)),
    random.uniform(0.7, 1.0),
    style === 'house'
      ? random.pick([0, 2, 2])
      : style === 'hall'
        ? random.pick([0, 3])
        : random.pick([0, 1, 1, 2, 2]),
    random.pick([0.75, 0.6, 0.5, 0.12, 0.05, 0.3]),
    wallStyle,
    height,
    random.chance(0.5) ? random.uniform(0.3, 0.9) : 0,
    random.chance(0.2) ? 1 : 0,
    random.uniform(0.015, 0.08),
  ];
  const wall = mesh.surface({
    material: MATERIAL.facade,
    label: LABEL.building,
    color: wallColor,
    color2: varied(
      random,
      palette,
      random.pick([...WALLS, ...BRICKS, srgb(90, 90, 90), srgb(60, 90, 60)]),
      0.4,
    ),
    seed: random.uint32(),
    params,
  });
  const roof = mesh.surface({
    material: MATERIAL.roof,
    label: LABEL.building,
    color: varied(random, palette, random.pick(ROOFS), 0.3),
    seed: random.uint32(),
    params: [random.uniform(0.2, 0.4)],
    twoSided: true,
  });
  const y0 = side === 1 ? 0 : -depth;
  const y1 = side === 1 ? depth : 0;
  const gabled = style === 'house' ? random.chance(0.92) : style === 'block' ? random.chance(0.6) : false;
  addBox(mesh, wall, { x: [0, length], y: [y0, y1], z: [-3, height] });
  if (gabled) {
    const rise = (depth / 2) * random.uniform(0.5, 1.05);
    const over = random.uniform(0.2, 0.6);
    if (style === 'house' && random.chance(0.4)) {
      const ridge = length / 2;
      const top = height + Math.min((length / 2) * random.uniform(0.5, 1.05), 6);
      addQuad(
        mesh,
        roof,
        [
          [-over, y0 - over, height - over * 0.6],
          [-over, y1 + over, height - over * 0.6],
          [ridge, y1 + over, top],
          [ridge, y0 - over, top],
        ],
        [-1, 0, 1],
      );
      addQuad(
        mesh,
        roof,
        [
          [length + over, y1 + over, height - over * 0.6],
          [length + over, y0 - over, height - over * 0.6],
          [ridge, y0 - over, top],
          [ridge, y1 + over, top],
        ],
        [1, 0, 1],
      );
      for (const y of [y0, y1])
        gable(context, {
          surface: wall,
          a: [0, y, height],
          b: [length, y, height],
          c: [ridge, y, top],
          n: [0, y === y0 ? -1 : 1, 0],
        });
    } else {
      const ridge = (y0 + y1) / 2;
      const top = height + rise;
      addQuad(
        mesh,
        roof,
        [
          [-over, y0 - over, height - over * 0.6],
          [length + over, y0 - over, height - over * 0.6],
          [length + over, ridge, top],
          [-over, ridge, top],
        ],
        [0, -1, 1],
      );
      addQuad(
        mesh,
        roof,
        [
          [length + over, y1 + over, height - over * 0.6],
          [-over, y1 + over, height - over * 0.6],
          [-over, ridge, top],
          [length + over, ridge, top],
        ],
        [0, 1, 1],
      );
      for (const x of [0, length])
        gable(context, {
          surface: wall,
          a: [x, y0, height],
          b: [x, y1, height],
          c: [x, ridge, top],
          n: [x === 0 ? -1 : 1, 0, 0],
        });
    }
    if (random.chance(0.7)) {
      const cx = random.uniform(0.2, 0.8) * length;
      const cy = (y0 + y1) / 2 + random.uniform(-1, 1);
      const brickwork = mesh.surface({
        material: MATERIAL.brick,
        label: LABEL.building,
        color: varied(random, palette, random.pick(BRICKS)),
        seed: random.uint32(),
        params: [0.25, 0.08, 1],
      });
      addBox(mesh, brickwork, {
        x: [cx - 0.35, cx + 0.35],
        y: [cy - 0.35, cy + 0.35],
        z: [height, height + rise + 0.7],
      });
    }
  } else if (random.chance(0.6)) {
    const trim = mesh.surface({
      material: MATERIAL.plain,
      label: LABEL.building,
      color: varied(random, palette, srgb(150, 150, 150)),
      seed: random.uint32(),
      params: [0.3],
    });
    addBox(
      mesh,
      trim,
      {
        x: [-0.25, length + 0.25],
        y: [y0 - 0.25, y1 + 0.25],
        z: [height, height + random.uniform(0.2, 0.6)],
      },
      true,
    );
  }
  // Balconies, bays, porches and awnings at the front.
  const front = side === 1 ? 0 : 0;
  const out = -side;
  if (style !== 'hall' && random.chance(0.35)) {
    const part = mesh.surface({
      material: random.chance(0.5) ? MATERIAL.plain : MATERIAL.planks,
      label: LABEL.building,
      color: varied(random, palette, random.pick(WALLS)),
      seed: random.uint32(),
      params: [0.15, 0],
    });
    const reach = random.uniform(0.6, 1.5);
    for (let z = storey; z + 1.2 < height; z += storey) {
      for (let x = random.uniform(0.5, 2); x + 2.5 < length; x += random.uniform(3.5, 7)) {
        const ya = front;
        const yb = front + out * reach;
        addBox(
          mesh,
          part,
          { x: [x, x + 2.4], y: [Math.min(ya, yb), Math.max(ya, yb)], z: [z, z + 1.05] },
          true,
        );
      }
    }
  }
  if (random.chance(0.25)) {
    const awning = mesh.surface({
      material: MATERIAL.panel,
      label: LABEL.building,
      color: hsv(random.uniform(0, 6), 0.6, 0.7),
      color2: [0.7, 0.7, 0.7],
      seed: random.uint32(),
      params: [0.5, 0.5, 0, 0, 0, 0, 0],
      twoSided: true,
    });
    const x = random.uniform(0.1, 0.5) * length;
    const run = Math.min(length - x, random.uniform(2, 6));
    addQuad(
      mesh,
      awning,
      [
        [x, 0, 2.9],
        [x + run, 0, 2.9],
        [x + run, out * 1.4, 2.4],
        [x, out * 1.4, 2.4],
      ],
      [0, 0, 1],
    );
  }
  mesh.endGroup();
}

function gable(
  context: SceneContext,
  {
    surface,
    a,
    b,
    c,
    n,
  }: {
    readonly surface: number;
    readonly a: readonly [number, number, number];
    readonly b: readonly [number, number, number];
    readonly c: readonly [number, number, number];
    readonly n: readonly [number, number, number];
  },
): void {
  const { mesh } = context;
  const va = mesh.vertex(a, n);
  const vb = mesh.vertex(b, n);
  const vc = mesh.vertex(c, n);
  mesh.triangle(va, vb, vc, surface);
}
