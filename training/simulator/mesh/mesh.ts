import { type ObjectFrame, WORLD_FRAME } from './frame.js';
import { type Color, CUTOUT, type Cutout, type Material, type Surface } from './surface.js';

/** A point or a direction, metres. */
export type Vector = readonly [x: number, y: number, z: number];

/** A run of triangles with a bounding sphere (world, metres), the unit of culling. */
export interface TriangleGroup {
  readonly firstTriangle: number;
  readonly firstVertex: number;
  endTriangle: number;
  endVertex: number;
  x: number;
  y: number;
  z: number;
  radius: number;
}

export interface SurfaceSpec {
  readonly material: Material;
  readonly label: number;
  readonly color: Color;
  readonly color2?: Color;
  readonly instance?: number;
  readonly seed?: number;
  readonly params?: readonly number[];
  readonly frame?: ObjectFrame;
  readonly cutout?: Cutout;
  readonly cutoutAmount?: number;
  readonly twoSided?: boolean;
  readonly castsShadow?: boolean;
}

/** Sizes to which a mesh can be cut back. */
export interface MeshMark {
  readonly vertices: number;
  readonly triangles: number;
  readonly groups: number;
  readonly surfaces: number;
}

/** A growing triangle soup in world coordinates (metres, z up) with a normal and (u, v) at every vertex. */
export class Mesh {
  positions = new Float32Array(3 * 65536);
  normals = new Float32Array(3 * 65536);
  uvs = new Float32Array(2 * 65536);
  indices = new Uint32Array(3 * 65536);
  triangleSurfaces = new Uint16Array(65536);
  readonly surfaces: Surface[] = [];
  readonly groups: TriangleGroup[] = [];
  vertexCount = 0;
  triangleCount = 0;
  #frame: ObjectFrame = WORLD_FRAME;

  mark(): MeshMark {
    return {
      vertices: this.vertexCount,
      triangles: this.triangleCount,
      groups: this.groups.length,
      surfaces: this.surfaces.length,
    };
  }

  truncate(mark: MeshMark): void {
    this.vertexCount = mark.vertices;
    this.triangleCount = mark.triangles;
    this.groups.length = mark.groups;
    this.surfaces.length = mark.surfaces;
  }

  /** Vertices added from here on are given in `frame`. */
  use(frame: ObjectFrame): void {
    this.#frame = frame;
  }

  /** Adds a surface whose object coordinates are those of the frame in use. */
  surface(spec: SurfaceSpec): number {
    if (this.surfaces.length >= 65535) return 65534;
    this.surfaces.push({
      material: spec.material,
      label: spec.label,
      color: spec.color,
      color2: spec.color2 ?? spec.color,
      instance: spec.instance ?? 0,
      seed: (spec.seed ?? 0) | 0,
      params: spec.params ?? [],
      frame: spec.frame ?? this.#frame,
      cutout: spec.cutout ?? CUTOUT.none,
      cutoutAmount: spec.cutoutAmount ?? 0,
      twoSided: spec.twoSided ?? false,
      castsShadow: spec.castsShadow ?? true,
    });
    return this.surfaces.length - 1;
  }

  beginGroup(): void {
    this.groups.push({
      firstTriangle: this.triangleCount,
      firstVertex: this.vertexCount,
      endTriangle: this.triangleCount,
      endVertex: this.vertexCount,
      x: 0,
      y: 0,
      z: 0,
      radius: 0,
    });
  }

  endGroup(): void {
    const group = this.groups[this.groups.length - 1];
    group.endTriangle = this.triangleCount;
    group.endVertex = this.vertexCount;
    if (group.endTriangle === group.firstTriangle) {
      this.groups.pop();
      return;
    }
    const p = this.positions;
    let x0 = Infinity;
    let x1 = -Infinity;
    let y0 = Infinity;
    let y1 = -Infinity;
    let z0 = Infinity;
    let z1 = -Infinity;
    for (let i = group.firstVertex * 3; i < group.endVertex * 3; i += 3) {
      const x = p[i];
      const y = p[i + 1];
      const z = p[i + 2];
      if (x < x0) x0 = x;
      if (x > x1) x1 = x;
      if (y < y0) y0 = y;
      if (y > y1) y1 = y;
      if (z < z0) z0 = z;
      if (z > z1) z1 = z;
    }
    group.x = (x0 + x1) / 2;
    group.y = (y0 + y1) / 2;
    group.z = (z0 + z1) / 2;
    const dx = x1 - x0;
    const dy = y1 - y0;
    const dz = z1 - z0;
    group.radius = 0.5 * Math.sqrt(dx * dx + dy * dy + dz * dz);
  }

  /** Adds a vertex at a point, with its normal, both given in the frame in use; returns its index. */
  vertex(point: Vector, normal: Vector, u = 0, v = 0): number {
    // Read by index: this runs for every vertex, and destructuring would iterate.
    const lx = point[0];
    const ly = point[1];
    const nx = normal[0];
    const ny = normal[1];
    const index = this.vertexCount++;
    if (index * 3 + 3 > this.positions.length) this.#growVertices();
    const f = this.#frame;
    const i = index * 3;
    this.positions[i] = f.x + f.c * lx - f.s * ly;
    this.positions[i + 1] = f.y + f.s * lx + f.c * ly;
    this.positions[i + 2] = f.z + point[2] + f.slope * lx;
    this.normals[i] = f.c * nx - f.s * ny;
    this.normals[i + 1] = f.s * nx + f.c * ny;
    this.normals[i + 2] = normal[2];
    this.uvs[index * 2] = u;
    this.uvs[index * 2 + 1] = v;
    return index;
  }

  triangle(a: number, b: number, c: number, surface: number): void {
    const index = this.triangleCount++;
    if (index >= this.triangleSurfaces.length) this.#growTriangles();
    this.indices[index * 3] = a;
    this.indices[index * 3 + 1] = b;
    this.indices[index * 3 + 2] = c;
    this.triangleSurfaces[index] = surface;
  }

  #growVertices(): void {
    this.positions = grown(this.positions, Float32Array);
    this.normals = grown(this.normals, Float32Array);
    this.uvs = grown(this.uvs, Float32Array);
  }

  #growTriangles(): void {
    this.indices = grown(this.indices, Uint32Array);
    this.triangleSurfaces = grown(this.triangleSurfaces, Uint16Array);
  }
}

function grown<T extends Float32Array | Uint32Array | Uint16Array>(
  array: T,
  type: new (length: number) => T,
): T {
  const larger = new type(array.length * 2);
  larger.set(array);
  return larger;
}
