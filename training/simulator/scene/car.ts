import type { ObjectFrame } from '../mesh/frame.js';
import type { Mesh } from '../mesh/mesh.js';
import { addQuad, addTube } from '../mesh/shapes.js';
import { MATERIAL } from '../mesh/surface.js';
import { CAR_STYLES } from './car-styles.js';
import { LABEL, type SceneContext } from './context.js';
import { carColor, srgb, varied } from './palette.js';
import { addWheels } from './wheels.js';

export interface VehicleBody {
  readonly length: number;
  readonly width: number;
  readonly height: number;
}

type Ring = readonly (readonly [number, number, number])[];

/** A passenger car or van standing on the frame, x forward, centred. `braking` lights the rear lamps. */
export function addCar(
  context: SceneContext,
  frame: ObjectFrame,
  instance: number,
  braking: boolean,
): VehicleBody {
  const { mesh, random, palette, detail } = context;
  const name = random.weighted({
    hatchback: 30,
    sedan: 24,
    coupe: 4,
    wagon: 20,
    suv: 14,
    minivan: 10,
    van: 9,
    pickup: 2,
  });
  const style = CAR_STYLES[name];
  const length = random.uniform(...style.length);
  const width = random.uniform(...style.width);
  const height = random.uniform(...style.height);
  const half = length / 2;
  const w = width / 2;
  const sill = style.clearance + random.uniform(-0.02, 0.03);
  const belt = height * (style.belt + random.uniform(-0.02, 0.02));
  const bonnet = height * (style.bonnet + random.uniform(-0.02, 0.02));
  const radius = random.uniform(0.29, 0.34) * (name === 'suv' || name === 'pickup' ? 1.12 : 1);
  const wheelFront = half - length * random.uniform(0.17, 0.2);
  const wheelRear = -half + length * random.uniform(0.17, 0.22);
  const color = carColor(random, palette);
  const seed = random.uint32();
  const windowsRear = name !== 'van' || random.chance(0.35);
  mesh.use(frame);
  mesh.beginGroup();
  const label = LABEL.car;
  const paint = mesh.surface({
    material: MATERIAL.paint,
    label,
    instance,
    color,
    color2: srgb(30, 30, 32),
    seed,
    params: [
      half,
      w,
      sill,
      belt,
      radius,
      wheelRear,
      wheelFront,
      name === 'wagon' || name === 'minivan' || name === 'van' || name === 'suv' ? belt * 0.9 : belt * 0.82,
      random.chance(0.45) ? 0.02 : Math.min(0.5, color[1]),
      random.chance(0.95) ? 1 : 0,
      random.uniform(),
      braking ? 1 : 0,
      random.chance(0.06) ? sill + 0.25 : 0,
    ],
  });
  const glassColor = random.uniform(0.008, 0.035);
  const pane = (pillar: number): number =>
    mesh.surface({
      material: MATERIAL.glass,
      label,
      instance,
      color: [glassColor, glassColor, glassColor],
      color2: color,
      seed,
      params: [glassColor, pillar, random.uniform(0.025, 0.05), random.chance(0.6) ? 0 : 1],
    });
  const glass = pane(-1);
  const sideGlass = pane(-1);
  const dark = mesh.surface({
    material: MATERIAL.plain,
    label,
    instance,
    color: [0.01, 0.01, 0.011],
    params: [0.2],
  });
  const x = (share: number): number => -half + share * length;
  // A ring: sill, bulge, belt, top edge; then mirrored.
  const ring = (
    share: number,
    {
      narrow,
      beltZ,
      topZ,
      topNarrow,
      raise = 0,
    }: {
      readonly narrow: number;
      readonly beltZ: number;
      readonly topZ: number;
      readonly topNarrow: number;
      readonly raise?: number;
    },
  ): Ring => {
    const y0 = w * narrow * 0.96;
    const y1 = w * narrow;
    const y2 = w * narrow * 0.97;
    const y3 = w * topNarrow;
    const tall = topZ - beltZ;
    const shoulder = tall > 0.1 ? 0.06 : tall * 0.4;
    const y4 = y3 - (tall > 0.1 ? 0.1 : 0.05);
    const middle = sill + (beltZ - sill) * 0.5;
    return [
      [x(share), -y0, sill + raise],
      [x(share), -y1, middle],
      [x(share), -y2, beltZ],
      [x(share), -y3, topZ - shoulder],
      [x(share), -y4, topZ],
      [x(share), y4, topZ],
      [x(share), y3, topZ - shoulder],
      [x(share), y2, beltZ],
      [x(share), y1, middle],
      [x(share), y0, sill + raise],
    ];
  };
  const tuck = random.uniform(0.8, 0.86) + (name === 'van' ? 0.08 : 0);
  const tail = belt * (name === 'sedan' || name === 'coupe' ? 0.97 : 1);
  const rings: Ring[] = [];
  const roofZ = (s: number): number => height - 0.05 * Math.abs(s - 0.45);
  const flatTop = (z: number): number => z + 0.012;
  if (style.boot > 0.05) {
    rings.push(
      ring(0, { narrow: 0.9, beltZ: tail * 0.94, topZ: flatTop(tail * 0.94), topNarrow: 0.78, raise: 0.1 }),
    );
    rings.push(ring(0.025, { narrow: 0.96, beltZ: tail, topZ: flatTop(tail), topNarrow: 0.82 }));
    rings.push(ring(style.boot, { narrow: 1, beltZ: belt, topZ: flatTop(belt), topNarrow: 0.84 }));
  } else {
    rings.push(ring(0, { narrow: 0.92, beltZ: belt * 0.92, topZ: belt * 0.95, topNarrow: 0.86, raise: 0.1 }));
    rings.push(ring(0.012, { narrow: 0.97, beltZ: belt, topZ: flatTop(belt), topNarrow: 0.88 }));
  }
  const firstRoof = rings.length;
  rings.push(
    ring(style.roofRear, { narrow: 1, beltZ: belt, topZ: roofZ(style.roofRear), topNarrow: tuck * 0.97 }),
  );
  rings.push(
    ring((style.roofRear + style.roofFront) / 2, {
      narrow: 1,
      beltZ: belt,
      topZ: roofZ(0.45),
      topNarrow: tuck,
    }),
  );
  rings.push(
    ring(style.roofFront, {
      narrow: 1,
      beltZ: belt * 0.99,
      topZ: roofZ(style.roofFront),
      topNarrow: tuck * 0.97,
    }),
  );
  const lastRoof = rings.length - 1;
  rings.push(
    ring(style.screen, { narrow: 1, beltZ: belt * 0.97, topZ: flatTop(belt * 0.97), topNarrow: 0.86 }),
  );
  rings.push(
    ring((style.screen + 1) / 2, {
      narrow: 0.985,
      beltZ: (belt + bonnet) / 2 + 0.02,
      topZ: flatTop((belt + bonnet) / 2 + 0.02),
      topNarrow: 0.82,
    }),
  );
  rings.push(ring(0.965, { narrow: 0.94, beltZ: bonnet, topZ: flatTop(bonnet), topNarrow: 0.74 }));
  rings.push(
    ring(1, {
      narrow: 0.86,
      beltZ: bonnet * 0.82,
      topZ: flatTop(bonnet * 0.82),
      topNarrow: 0.68,
      raise: 0.06,
    }),
  );
  const pickupBed = name === 'pickup';
  for (let i = 0; i + 1 < rings.length; i++) {
    const a = rings[i];
    const b = rings[i + 1];
    for (let k = 0; k < 9; k++) {
      let surface = paint;
      const upperSide = k === 2 || k === 6;
      if (upperSide && i >= firstRoof && i < lastRoof) {
        // The rear half of a closed van has no windows.
        surface = i === firstRoof && !windowsRear ? paint : sideGlass;
      } else if (upperSide && (i === firstRoof - 1 || i === lastRoof) && !pickupBed) {
        surface =
          i === lastRoof ? glass : name === 'sedan' || name === 'coupe' ? paint : windowsRear ? glass : paint;
      } else if (k === 4 && i === firstRoof - 1 && windowsRear) surface = glass;
      else if (k === 4 && i === lastRoof) surface = glass;
      bodyQuad(mesh, { surface, a, b, k, height });
    }
  }
  closeEnd(mesh, paint, rings[0], -1);
  closeEnd(mesh, paint, rings[rings.length - 1], 1);
  addQuad(
    mesh,
    dark,
    [
      [-half * 0.95, -w * 0.9, sill],
      [half * 0.95, -w * 0.9, sill],
      [half * 0.95, w * 0.9, sill],
      [-half * 0.95, w * 0.9, sill],
    ],
    [0, 0, -1],
  );
  if (pickupBed) {
    addQuad(
      mesh,
      dark,
      [
        [x(0.03), -w * 0.75, belt + 0.03],
        [x(style.boot), -w * 0.75, belt + 0.03],
        [x(style.boot), w * 0.75, belt + 0.03],
        [x(0.03), w * 0.75, belt + 0.03],
      ],
      [0, 0, 1],
    );
  }
  addWheels(context, {
    instance,
    label,
    axles: [wheelRear, wheelFront],
    halfWidth: w + 0.005,
    radius,
    thickness: 0.2,
  });
  if (detail >= 1) {
    const trim = mesh.surface({
      material: MATERIAL.metal,
      label,
      instance,
      color: random.chance(0.6) ? color : [0.02, 0.02, 0.02],
      params: [0.1, 0.05, 0],
    });
    for (const sideSign of [-1, 1]) {
      const mx = x(style.screen) - length * 0.06;
      addQuad(
        mesh,
        trim,
        [
          [mx, sideSign * w, belt + 0.02],
          [mx, sideSign * (w + 0.16), belt + 0.03],
          [mx, sideSign * (w + 0.16), belt + 0.15],
          [mx, sideSign * w, belt + 0.14],
        ],
        [-1, 0, 0],
      );
      addQuad(
        mesh,
        trim,
        [
          [mx + 0.07, sideSign * w, belt + 0.02],
          [mx + 0.07, sideSign * (w + 0.16), belt + 0.03],
          [mx + 0.07, sideSign * (w + 0.16), belt + 0.15],
          [mx + 0.07, sideSign * w, belt + 0.14],
        ],
        [1, 0, 0],
      );
    }
    if (random.chance(0.18)) {
      const rails = mesh.surface({
        material: MATERIAL.metal,
        label,
        instance,
        color: varied(random, palette, [0.1, 0.1, 0.1]),
        params: [0.1, 0.1, 0],
      });
      for (const sideSign of [-1, 1]) {
        addTube(
          mesh,
          rails,
          [
            [x(style.roofRear + 0.03), sideSign * w * tuck * 0.9, height + 0.04],
            [x(style.roofFront - 0.02), sideSign * w * tuck * 0.9, height + 0.04],
          ],
          [0.02, 0.02],
          { sides: 5 },
        );
      }
    }
  }
  mesh.endGroup();
  return { length, width, height };
}

/** The face between two rings at segment k, its normal bent a little towards a round body. */
function bodyQuad(
  mesh: Mesh,
  {
    surface,
    a,
    b,
    k,
    height,
  }: {
    readonly surface: number;
    readonly a: Ring;
    readonly b: Ring;
    readonly k: number;
    readonly height: number;
  },
): void {
  const p = [a[k], b[k], b[k + 1], a[k + 1]] as const;
  const e = [p[2][0] - p[0][0], p[2][1] - p[0][1], p[2][2] - p[0][2]] as const;
  const f = [p[3][0] - p[1][0], p[3][1] - p[1][1], p[3][2] - p[1][2]] as const;
  let nx = e[1] * f[2] - e[2] * f[1];
  let ny = e[2] * f[0] - e[0] * f[2];
  let nz = e[0] * f[1] - e[1] * f[0];
  const l = Math.sqrt(nx * nx + ny * ny + nz * nz);
  if (l < 1e-9) return;
  const my = (p[0][1] + p[2][1]) / 2;
  const mz = (p[0][2] + p[2][2]) / 2 - height * 0.4;
  const sign = ny * my + nz * mz < 0 ? -1 : 1;
  nx *= sign / l;
  ny *= sign / l;
  nz *= sign / l;
  const us = [0, 1, 1, 0];
  const vs = [0, 0, 1, 1];
  // v runs upwards on both flanks.
  const flip = k > 4;
  const ids: number[] = [];
  for (let i = 0; i < 4; i++) {
    const q = p[i];
    const rz = (q[2] - height * 0.45) / height;
    const ry = q[1];
    const bend = 0.3;
    const mx = nx;
    const mY = ny + bend * ry * 0.6;
    const mZ = nz + bend * rz;
    const ll = Math.sqrt(mx * mx + mY * mY + mZ * mZ);
    const v = vs[i];
    ids.push(mesh.vertex(q, [mx / ll, mY / ll, mZ / ll], us[i], flip ? 1 - v : v));
  }
  const [i0, i1, i2, i3] = ids;
  mesh.triangle(i0, i1, i2, surface);
  mesh.triangle(i0, i2, i3, surface);
}

function closeEnd(mesh: Mesh, surface: number, ring: Ring, direction: number): void {
  const first = mesh.vertexCount;
  for (const q of ring) mesh.vertex(q, [direction, q[1] * 0.25, 0], 0.5, 0.5);
  for (let k = 1; k + 1 < ring.length; k++) mesh.triangle(first, first + k, first + k + 1, surface);
}
