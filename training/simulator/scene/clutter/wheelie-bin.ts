import type { ObjectFrame } from '../../mesh/frame.js';
import { addBox, addTube } from '../../mesh/shapes.js';
import { type Color, MATERIAL } from '../../mesh/surface.js';
import { LABEL, type SceneContext, staticLabel } from '../context.js';
import { srgb, varied } from '../palette.js';

const COLORS: readonly Color[] = [
  srgb(45, 48, 50),
  srgb(35, 60, 40),
  srgb(110, 80, 50),
  srgb(35, 60, 110),
  srgb(70, 75, 75),
];
const LIDS: readonly Color[] = [srgb(45, 48, 50), srgb(200, 170, 30), srgb(40, 90, 50), srgb(110, 75, 45)];

/** A dust bin on wheels, 0.9 to 1.2 m high, or a container of 1.1 m3; its front looks along -y of the frame. */
export function addWheelieBin(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random, palette } = context;
  mesh.use(frame);
  mesh.beginGroup();
  const label = staticLabel(context, LABEL.wall);
  const skin = (color: Color): number =>
    mesh.surface({
      material: MATERIAL.plain,
      label,
      color: varied(random, palette, color, 0.3),
      seed: random.uint32(),
      params: [0.3],
    });
  const body = skin(random.pick(COLORS));
  const lid = random.chance(0.5) ? body : skin(random.pick(LIDS));
  const rubber = skin([0.015, 0.015, 0.015]);
  const large = random.chance(0.2);
  const w = large ? 0.62 : random.uniform(0.24, 0.3);
  const d = large ? 0.5 : random.uniform(0.26, 0.36);
  const h = large ? 1.15 : random.uniform(0.85, 1.05);
  addTaperedBox(context, body, { halfX: w, halfY: d, low: 0.08, high: h, taper: 0.8 });
  addBox(mesh, lid, { x: [-w - 0.03, w + 0.03], y: [-d - 0.05, d + 0.03], z: [h, h + 0.07] }, true);
  addTube(
    mesh,
    lid,
    [
      [-w, d + 0.06, h - 0.02],
      [w, d + 0.06, h - 0.02],
    ],
    [0.02, 0.02],
    { sides: 5 },
  );
  for (const x of [-w, w])
    addTube(
      mesh,
      rubber,
      [
        [x - 0.03, d * 0.8, 0.1],
        [x + 0.03, d * 0.8, 0.1],
      ],
      [0.1, 0.1],
      { sides: 8, caps: true },
    );
  mesh.endGroup();
}

/** A box that is narrower at its foot by the factor `taper`. */
function addTaperedBox(
  context: SceneContext,
  surface: number,
  { halfX, halfY, low, high, taper }: Readonly<Record<'halfX' | 'halfY' | 'low' | 'high' | 'taper', number>>,
): void {
  const { mesh } = context;
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ] as const;
  for (let k = 0; k < 4; k++) {
    const [ax, ay] = corners[k];
    const [bx, by] = corners[(k + 1) % 4];
    const nx = (ay === by ? 0 : ax) * 1;
    const ny = (ax === bx ? 0 : ay) * 1;
    const corner = (x: number, y: number, z: number, scale: number): number =>
      mesh.vertex([x * halfX * scale, y * halfY * scale, z], [nx, ny, 0]);
    const a = corner(ax, ay, low, taper);
    const b = corner(bx, by, low, taper);
    const c = corner(bx, by, high, 1);
    const d = corner(ax, ay, high, 1);
    mesh.triangle(a, b, c, surface);
    mesh.triangle(a, c, d, surface);
  }
}
