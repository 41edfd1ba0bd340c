import { cos, sin } from '../exact-math.js';
import { noise3 } from '../noise.js';
import type { Mesh, Vector } from './mesh.js';

/** Basic bodies in the coordinates of the mesh's frame in use (metres). */

/** A flat quadrilateral a, b, c, d with one normal and (u, v) from 0 to 1 (a = 0,0; b = 1,0; c = 1,1; d = 0,1). */
export function addQuad(
  mesh: Mesh,
  surface: number,
  [a, b, c, d]: readonly [Vector, Vector, Vector, Vector],
  outward?: Vector,
): void {
  const e0 = c[0] - a[0];
  const e1 = c[1] - a[1];
  const e2 = c[2] - a[2];
  const f0 = d[0] - b[0];
  const f1 = d[1] - b[1];
  const f2 = d[2] - b[2];
  let nx = e1 * f2 - e2 * f1;
  let ny = e2 * f0 - e0 * f2;
  let nz = e0 * f1 - e1 * f0;
  const length = Math.sqrt(nx * nx + ny * ny + nz * nz);
  if (length < 1e-9) return;
  const flip = outward !== undefined && nx * outward[0] + ny * outward[1] + nz * outward[2] < 0 ? -1 : 1;
  nx *= flip / length;
  ny *= flip / length;
  nz *= flip / length;
  const normal = [nx, ny, nz] as const;
  const va = mesh.vertex(a, normal, 0, 0);
  const vb = mesh.vertex(b, normal, 1, 0);
  const vc = mesh.vertex(c, normal, 1, 1);
  const vd = mesh.vertex(d, normal, 0, 1);
  mesh.triangle(va, vb, vc, surface);
  mesh.triangle(va, vc, vd, surface);
}

/** Extents of a box along each axis. */
type Box = Readonly<Record<'x' | 'y' | 'z', readonly [number, number]>>;

/** An axis-parallel box; `bottom` adds the lower face, which a standing object does not show. */
export function addBox(
  mesh: Mesh,
  surface: number,
  { x: [x0, x1], y: [y0, y1], z: [z0, z1] }: Box,
  bottom = false,
): void {
  addQuad(
    mesh,
    surface,
    [
      [x1, y0, z0],
      [x1, y1, z0],
      [x1, y1, z1],
      [x1, y0, z1],
    ],
    [1, 0, 0],
  );
  addQuad(
    mesh,
    surface,
    [
      [x0, y1, z0],
      [x0, y0, z0],
      [x0, y0, z1],
      [x0, y1, z1],
    ],
    [-1, 0, 0],
  );
  addQuad(
    mesh,
    surface,
    [
      [x1, y1, z0],
      [x0, y1, z0],
      [x0, y1, z1],
      [x1, y1, z1],
    ],
    [0, 1, 0],
  );
  addQuad(
    mesh,
    surface,
    [
      [x0, y0, z0],
      [x1, y0, z0],
      [x1, y0, z1],
      [x0, y0, z1],
    ],
    [0, -1, 0],
  );
  addQuad(
    mesh,
    surface,
    [
      [x0, y0, z1],
      [x1, y0, z1],
      [x1, y1, z1],
      [x0, y1, z1],
    ],
    [0, 0, 1],
  );
  if (bottom)
    addQuad(
      mesh,
      surface,
      [
        [x0, y1, z0],
        [x1, y1, z0],
        [x1, y0, z0],
        [x0, y0, z0],
      ],
      [0, 0, -1],
    );
}

/** A cone frustum or prism from point p to point q with `sides` sides; ends closed when `caps`. */
export function addTube(
  mesh: Mesh,
  surface: number,
  [p, q]: readonly [Vector, Vector],
  [radiusP, radiusQ]: readonly [number, number],
  { sides, caps = false }: { readonly sides: number; readonly caps?: boolean },
): void {
  let dx = q[0] - p[0];
  let dy = q[1] - p[1];
  let dz = q[2] - p[2];
  const length = Math.sqrt(dx * dx + dy * dy + dz * dz);
  if (length < 1e-9) return;
  dx /= length;
  dy /= length;
  dz /= length;
  // A vector across the axis: the axis times the coordinate axis it is farthest from.
  let ax = 0;
  let ay = 0;
  let az = 0;
  if (Math.abs(dz) < 0.9) {
    ax = -dy;
    ay = dx;
  } else {
    ay = dz;
    az = -dy;
  }
  const al = Math.sqrt(ax * ax + ay * ay + az * az);
  ax /= al;
  ay /= al;
  az /= al;
  const bx = dy * az - dz * ay;
  const by = dz * ax - dx * az;
  const bz = dx * ay - dy * ax;
  const first = mesh.vertexCount;
  for (let i = 0; i <= sides; i++) {
    const angle = (2 * Math.PI * i) / sides;
    const c = cos(angle);
    const s = sin(angle);
    const nx = ax * c + bx * s;
    const ny = ay * c + by * s;
    const nz = az * c + bz * s;
    const normal = [nx, ny, nz] as const;
    mesh.vertex([p[0] + nx * radiusP, p[1] + ny * radiusP, p[2] + nz * radiusP], normal, i / sides, 0);
    mesh.vertex([q[0] + nx * radiusQ, q[1] + ny * radiusQ, q[2] + nz * radiusQ], normal, i / sides, 1);
  }
  for (let i = 0; i < sides; i++) {
    const a = first + 2 * i;
    mesh.triangle(a, a + 2, a + 3, surface);
    mesh.triangle(a, a + 3, a + 1, surface);
  }
  if (!caps) return;
  for (const end of [0, 1]) {
    const sign = end === 0 ? -1 : 1;
    const o = end === 0 ? p : q;
    const radius = end === 0 ? radiusP : radiusQ;
    const normal = [dx * sign, dy * sign, dz * sign] as const;
    const centre = mesh.vertex(o, normal, 0, 0);
    for (let i = 0; i <= sides; i++) {
      const angle = (2 * Math.PI * i) / sides;
      const c = cos(angle) * radius;
      const s = sin(angle) * radius;
      mesh.vertex(
        [o[0] + ax * c + bx * s, o[1] + ay * c + by * s, o[2] + az * c + bz * s],
        normal,
        cos(angle),
        sin(angle),
      );
    }
    for (let i = 1; i <= sides; i++) mesh.triangle(centre, centre + i, centre + i + 1, surface);
  }
}

interface UnitSphere {
  readonly points: readonly (readonly [number, number, number])[];
  readonly faces: readonly (readonly [number, number, number])[];
}

const SPHERES: readonly UnitSphere[] = makeSpheres();

function makeSpheres(): UnitSphere[] {
  const g = (1 + Math.sqrt(5)) / 2;
  const raw: [number, number, number][] = [
    [-1, g, 0],
    [1, g, 0],
    [-1, -g, 0],
    [1, -g, 0],
    [0, -1, g],
    [0, 1, g],
    [0, -1, -g],
    [0, 1, -g],
    [g, 0, -1],
    [g, 0, 1],
    [-g, 0, -1],
    [-g, 0, 1],
  ];
  const faces: [number, number, number][] = [
    [0, 11, 5],
    [0, 5, 1],
    [0, 1, 7],
    [0, 7, 10],
    [0, 10, 11],
    [1, 5, 9],
    [5, 11, 4],
    [11, 10, 2],
    [10, 7, 6],
    [7, 1, 8],
    [3, 9, 4],
    [3, 4, 2],
    [3, 2, 6],
    [3, 6, 8],
    [3, 8, 9],
    [4, 9, 5],
    [2, 4, 11],
    [6, 2, 10],
    [8, 6, 7],
    [9, 8, 1],
  ];
  const spheres: UnitSphere[] = [{ points: raw.map(unit), faces }];
  for (let level = 0; level < 2; level++) spheres.push(subdivided(spheres[level]));
  return spheres;
}

function unit(p: readonly [number, number, number]): [number, number, number] {
  const l = Math.sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
  return [p[0] / l, p[1] / l, p[2] / l];
}

function subdivided(sphere: UnitSphere): UnitSphere {
  const points = [...sphere.points];
  const known = new Map<number, number>();
  const middle = (a: number, b: number): number => {
    const key = Math.min(a, b) * 65536 + Math.max(a, b);
    const found = known.get(key);
    if (found !== undefined) return found;
    const p = points[a];
    const q = points[b];
    points.push(unit([p[0] + q[0], p[1] + q[1], p[2] + q[2]]));
    known.set(key, points.length - 1);
    return points.length - 1;
  };
  const faces: [number, number, number][] = [];
  for (const [a, b, c] of sphere.faces) {
    const ab = middle(a, b);
    const bc = middle(b, c);
    const ca = middle(c, a);
    faces.push([a, ab, ca], [b, bc, ab], [c, ca, bc], [ab, bc, ca]);
  }
  return { points, faces };
}

/**
 * An ellipsoid with radii rx, ry, rz, displaced by up to `bumpiness` of its radius with noise of the given seed.
 * `level` 0, 1, 2: 20, 80, 320 triangles.
 */
export function addBlob(
  mesh: Mesh,
  surface: number,
  [x, y, z]: Vector,
  [rx, ry, rz]: Vector,
  {
    level,
    bumpiness = 0,
    seed = 0,
  }: { readonly level: 0 | 1 | 2; readonly bumpiness?: number; readonly seed?: number },
): void {
  const sphere = SPHERES[level];
  const first = mesh.vertexCount;
  for (const p of sphere.points) {
    const bump =
      bumpiness === 0
        ? 1
        : 1 + bumpiness * 2 * (noise3(p[0] * 1.7 + 9.3, p[1] * 1.7 + 5.1, p[2] * 1.7 + 2.7, seed) - 0.5);
    const nx = p[0] / rx;
    const ny = p[1] / ry;
    const nz = p[2] / rz;
    const l = Math.sqrt(nx * nx + ny * ny + nz * nz);
    mesh.vertex([x + p[0] * rx * bump, y + p[1] * ry * bump, z + p[2] * rz * bump], [nx / l, ny / l, nz / l]);
  }
  for (const [a, b, c] of sphere.faces) mesh.triangle(first + a, first + b, first + c, surface);
}
