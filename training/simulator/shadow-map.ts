import type { Mesh } from './mesh/mesh.js';
import { hash2 } from './noise.js';
import { rasterize } from './rasterizer.js';
import { createVisibilityBuffer, type View, type VisibilityBuffer } from './visibility.js';

const NEAR_SIZE = 448;
const FAR_SIZE = 640;
const DEPTH_RANGE = 400;

/** The scene seen from the sun, in two boxes: fine near the camera, coarse farther on. */
export class ShadowMap {
  readonly #near = new SunBox(NEAR_SIZE, 0.06);
  readonly #far = new SunBox(FAR_SIZE, 0.25);

  /** Draws the map for a camera at (x, y, z) that looks along the unit vector (fx, fy) on the ground. */
  update(
    mesh: Mesh,
    sun: readonly [number, number, number],
    camera: readonly [number, number, number],
    fx: number,
    fy: number,
  ): void {
    this.#near.draw(mesh, sunView(sun, { camera, fx, fy, ahead: 13, halfSize: 17, size: NEAR_SIZE }));
    this.#far.draw(mesh, sunView(sun, { camera, fx, fy, ahead: 58, halfSize: 68, size: FAR_SIZE }));
  }

  /** Share of the sun that reaches a world point (x, y, z), 0..1; (i, j) seed the jitter that softens edges. */
  at(point: Float64Array, i: number, j: number): number {
    const near = this.#near.at(point, i, j);
    if (near >= 0) return near;
    const far = this.#far.at(point, i, j);
    return far >= 0 ? far : 1;
  }
}

/** One box of the map: what the sun sees in it. */
class SunBox {
  readonly #buffer: VisibilityBuffer;
  /** What stands less than this over a point, metres, casts no shadow on it. */
  readonly #bias: number;
  #view: View | undefined;

  constructor(size: number, bias: number) {
    this.#buffer = createVisibilityBuffer(size, size);
    this.#bias = bias;
  }

  draw(mesh: Mesh, view: View): void {
    this.#view = view;
    rasterize(mesh, view, this.#buffer);
  }

  /** As `ShadowMap.at`; -1 outside the box. */
  at(point: Float64Array, i: number, j: number): number {
    const view = this.#view;
    if (view === undefined) return 1;
    const buffer = this.#buffer;
    const r = view.rotation;
    const dx = point[0] - view.origin[0];
    const dy = point[1] - view.origin[1];
    const dz = point[2] - view.origin[2];
    const u = (r[0] * dx + r[1] * dy + r[2] * dz) * view.fx + view.cx + hash2(i, j, 5) - 0.5;
    const v = (r[3] * dx + r[4] * dy + r[5] * dz) * view.fy + view.cy + hash2(i, j, 6) - 0.5;
    const size = buffer.width;
    const iu = Math.floor(u);
    const iv = Math.floor(v);
    if (iu < 1 || iv < 1 || iu >= size - 2 || iv >= size - 2) return -1;
    const nearness = view.far - (r[6] * dx + r[7] * dy + r[8] * dz) + this.#bias;
    const k = iv * size + iu;
    const n = buffer.nearness;
    const fu = u - iu;
    const fv = v - iv;
    const a = n[k] > nearness ? 0 : 1;
    const b = n[k + 1] > nearness ? 0 : 1;
    const c = n[k + size] > nearness ? 0 : 1;
    const d = n[k + size + 1] > nearness ? 0 : 1;
    const top = a + (b - a) * fu;
    return top + (c + (d - c) * fu - top) * fv;
  }
}

function sunView(
  sun: readonly [number, number, number],
  {
    camera,
    fx,
    fy,
    ahead,
    halfSize,
    size,
  }: {
    readonly camera: readonly [number, number, number];
    readonly fx: number;
    readonly fy: number;
    readonly ahead: number;
    readonly halfSize: number;
    readonly size: number;
  },
): View {
  // Forward = away from the sun; right = the camera's heading made perpendicular to it.
  const f = [-sun[0], -sun[1], -sun[2]] as const;
  const dot = fx * f[0] + fy * f[1];
  let rx = fx - dot * f[0];
  let ry = fy - dot * f[1];
  let rz = -dot * f[2];
  const l = Math.sqrt(rx * rx + ry * ry + rz * rz);
  if (l < 0.2) {
    // The sun stands ahead or behind, low: any horizontal direction across does.
    rx = fy;
    ry = -fx;
    rz = 0;
  } else {
    rx /= l;
    ry /= l;
    rz /= l;
  }
  const dx = f[1] * rz - f[2] * ry;
  const dy = f[2] * rx - f[0] * rz;
  const dz = f[0] * ry - f[1] * rx;
  const scale = size / (2 * halfSize);
  // The centre of the box lies ahead of the camera on the ground; snapped to whole cells so that edges stay still.
  const gx = camera[0] + fx * ahead;
  const gy = camera[1] + fy * ahead;
  const gz = camera[2] - 1.5;
  const back = DEPTH_RANGE / 2;
  const cu = Math.round((rx * gx + ry * gy + rz * gz) * scale) / scale;
  const cv = Math.round((dx * gx + dy * gy + dz * gz) * scale) / scale;
  const cw = f[0] * gx + f[1] * gy + f[2] * gz - back;
  return {
    origin: [rx * cu + dx * cv + f[0] * cw, ry * cu + dy * cv + f[1] * cw, rz * cu + dz * cv + f[2] * cw],
    rotation: [rx, ry, rz, dx, dy, dz, f[0], f[1], f[2]],
    kind: 'orthographic',
    fx: scale,
    fy: scale,
    cx: size / 2,
    cy: size / 2,
    scale: 1,
    near: 0,
    far: DEPTH_RANGE,
  };
}
