import { exp } from './exact-math.js';
import type { GroundOcclusion } from './ground-occlusion.js';
import { type Lighting, skyRadiance } from './lighting.js';
import { ShadingSample } from './materials/sample.js';
import { shadeMaterial } from './materials/shade-material.js';
import type { Mesh } from './mesh/mesh.js';
import { MATERIAL, type Surface } from './mesh/surface.js';
import type { ShadowMap } from './shadow-map.js';
import type { View, VisibilityBuffer } from './visibility.js';

export interface ShadingScene {
  readonly mesh: Mesh;
  readonly lighting: Lighting;
  readonly shadows: ShadowMap | undefined;
  readonly occlusion: GroundOcclusion;
}

const sample = new ShadingSample();
const sky = new Float64Array(3);
const lit = new Float64Array(3);
/** exp(-i / 64) for i = 0..511: haze. */
const FADE = Float64Array.from({ length: 513 }, (_, i) => exp(-i / 64));

/**
 * Light that reaches the camera: out[3 * (row * width + column)] = linear RGB, at the samples of `buffer`.
 * Where the 2 x 2 samples of a pixel show one triangle they are shaded once.
 */
export function shadePicture(
  scene: ShadingScene,
  view: View,
  buffer: VisibilityBuffer,
  out: Float32Array,
): void {
  const { width, height, triangles } = buffer;
  if (view.scale === 1) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        shadeSample(scene, view, buffer, column, row);
        const o = 3 * (row * width + column);
        out[o] = lit[0];
        out[o + 1] = lit[1];
        out[o + 2] = lit[2];
      }
    }
    return;
  }
  for (let row = 0; row < height; row += 2) {
    for (let column = 0; column < width; column += 2) {
      const i = row * width + column;
      const t = triangles[i];
      const same = t === triangles[i + 1] && t === triangles[i + width] && t === triangles[i + width + 1];
      shadeSample(scene, view, buffer, column, row);
      store(out, i);
      if (same) {
        store(out, i + 1);
        store(out, i + width);
        store(out, i + width + 1);
        continue;
      }
      shadeSample(scene, view, buffer, column + 1, row);
      store(out, i + 1);
      shadeSample(scene, view, buffer, column, row + 1);
      store(out, i + width);
      shadeSample(scene, view, buffer, column + 1, row + 1);
      store(out, i + width + 1);
    }
  }
}

function store(out: Float32Array, i: number): void {
  out[3 * i] = lit[0];
  out[3 * i + 1] = lit[1];
  out[3 * i + 2] = lit[2];
}

function shadeSample(
  scene: ShadingScene,
  view: View,
  buffer: VisibilityBuffer,
  column: number,
  row: number,
): void {
  const r = view.rotation;
  const i = row * buffer.width + column;
  const cx = (column / view.scale - view.cx) / view.fx;
  const cy = (row / view.scale - view.cy) / view.fy;
  let dx = r[0] * cx + r[3] * cy + r[6];
  let dy = r[1] * cx + r[4] * cy + r[7];
  let dz = r[2] * cx + r[5] * cy + r[8];
  const rayLength = Math.sqrt(dx * dx + dy * dy + dz * dz);
  const t = buffer.triangles[i];
  if (t < 0) {
    skyRadiance(scene.lighting, dx / rayLength, dy / rayLength, dz / rayLength, lit);
    return;
  }
  const depth = 1 / buffer.nearness[i];
  const s = sample;
  s.x = view.origin[0] + dx * depth;
  s.y = view.origin[1] + dy * depth;
  s.z = view.origin[2] + dz * depth;
  dx /= rayLength;
  dy /= rayLength;
  dz /= rayLength;
  interpolate(scene.mesh, t);
  const surface = scene.mesh.surfaces[scene.mesh.triangleSurfaces[t]];
  let facing = -(normal[0] * dx + normal[1] * dy + normal[2] * dz);
  if (facing < 0) {
    if (surface.twoSided) {
      normal[0] = -normal[0];
      normal[1] = -normal[1];
      normal[2] = -normal[2];
    }
    facing = -facing;
  }
  const f = surface.frame;
  const px = s.x - f.x;
  const py = s.y - f.y;
  s.lx = px * f.c + py * f.s;
  s.ly = py * f.c - px * f.s;
  s.lz = s.z - f.z - f.slope * s.lx;
  s.lnx = normal[0] * f.c + normal[1] * f.s;
  s.lny = normal[1] * f.c - normal[0] * f.s;
  s.lnz = normal[2];
  s.footprint = depth / view.fx;
  s.stretch = s.footprint / Math.max(facing, 0.02);
  shadeMaterial(s, surface);
  ray[0] = dx;
  ray[1] = dy;
  ray[2] = dz;
  ray[3] = facing;
  light(scene, surface, column, row);
  const haze = Math.min(512, (depth / scene.lighting.hazeDistance) * 64);
  const keep = FADE[haze | 0];
  const h = scene.lighting.haze;
  lit[0] = h[0] + (lit[0] - h[0]) * keep;
  lit[1] = h[1] + (lit[1] - h[1]) * keep;
  lit[2] = h[2] + (lit[2] - h[2]) * keep;
}

const normal = new Float64Array(3);
/** Direction of the sample's ray, and how much its surface faces it. */
const ray = new Float64Array(4);
/** Where the sun is looked for: a little over the surface. */
const shaded = new Float64Array(3);

/** Interpolates normal and (u, v) of triangle t at the sample's world position. */
function interpolate(mesh: Mesh, t: number): void {
  const { indices, positions: p, normals: n, uvs } = mesh;
  const a = indices[3 * t];
  const b = indices[3 * t + 1];
  const c = indices[3 * t + 2];
  const ax = p[3 * a];
  const ay = p[3 * a + 1];
  const az = p[3 * a + 2];
  const e1x = p[3 * b] - ax;
  const e1y = p[3 * b + 1] - ay;
  const e1z = p[3 * b + 2] - az;
  const e2x = p[3 * c] - ax;
  const e2y = p[3 * c + 1] - ay;
  const e2z = p[3 * c + 2] - az;
  const wx = sample.x - ax;
  const wy = sample.y - ay;
  const wz = sample.z - az;
  const d11 = e1x * e1x + e1y * e1y + e1z * e1z;
  const d12 = e1x * e2x + e1y * e2y + e1z * e2z;
  const d22 = e2x * e2x + e2y * e2y + e2z * e2z;
  const d1 = wx * e1x + wy * e1y + wz * e1z;
  const d2 = wx * e2x + wy * e2y + wz * e2z;
  const denominator = d11 * d22 - d12 * d12 || 1e-12;
  let v = (d22 * d1 - d12 * d2) / denominator;
  let w = (d11 * d2 - d12 * d1) / denominator;
  v = v < 0 ? 0 : Math.min(v, 1);
  w = w < 0 ? 0 : Math.min(w, 1);
  const u = 1 - v - w;
  let nx = n[3 * a] * u + n[3 * b] * v + n[3 * c] * w;
  let ny = n[3 * a + 1] * u + n[3 * b + 1] * v + n[3 * c + 1] * w;
  let nz = n[3 * a + 2] * u + n[3 * b + 2] * v + n[3 * c + 2] * w;
  const l = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
  nx /= l;
  ny /= l;
  nz /= l;
  normal[0] = nx;
  normal[1] = ny;
  normal[2] = nz;
  sample.u = uvs[2 * a] * u + uvs[2 * b] * v + uvs[2 * c] * w;
  sample.v = uvs[2 * a + 1] * u + uvs[2 * b + 1] * v + uvs[2 * c + 1] * w;
}

function light(scene: ShadingScene, surface: Surface, column: number, row: number): void {
  const s = sample;
  const dx = ray[0];
  const dy = ray[1];
  const dz = ray[2];
  const facing = ray[3];
  const { lighting } = scene;
  const sun = lighting.sunDirection;
  const nx = normal[0];
  const ny = normal[1];
  const nz = normal[2];
  const ground =
    surface.material === MATERIAL.road ||
    surface.material === MATERIAL.wornRoad ||
    surface.material === MATERIAL.paving ||
    surface.material === MATERIAL.grass;
  let open = 1;
  if (ground) open = scene.occlusion.at(s.x, s.y);
  else if (surface.material !== MATERIAL.foliage && surface.material !== MATERIAL.hill && s.lz < 1.2) {
    // Near the ground things see less sky.
    const h = s.lz < 0 ? 0 : s.lz / 1.2;
    open = 0.55 + 0.45 * h;
  }
  const up = 0.5 + 0.5 * nz;
  let ar = (lighting.ambientDown[0] + (lighting.ambientUp[0] - lighting.ambientDown[0]) * up) * open;
  let ag = (lighting.ambientDown[1] + (lighting.ambientUp[1] - lighting.ambientDown[1]) * up) * open;
  let ab = (lighting.ambientDown[2] + (lighting.ambientUp[2] - lighting.ambientDown[2]) * up) * open;
  const toSun = nx * sun[0] + ny * sun[1] + nz * sun[2];
  let direct = Math.max(toSun, 0);
  if (s.translucency > 0) {
    // Leaves point everywhere: wrap the light and let some through.
    const wrapped = 0.45 + 0.55 * toSun;
    direct = ((1 - s.translucency) * Math.max(wrapped, 0) + s.translucency * 0.35) * s.sparkle;
  }
  let shadow = 1;
  if (scene.shadows !== undefined && (direct > 0 || s.mirror > 0)) {
    const offset = 0.03 + s.footprint * 0.5;
    shaded[0] = s.x + nx * offset;
    shaded[1] = s.y + ny * offset;
    shaded[2] = s.z + nz * offset;
    shadow = scene.shadows.at(shaded, column, row);
    direct *= shadow;
  }
  ar += lighting.sun[0] * direct;
  ag += lighting.sun[1] * direct;
  ab += lighting.sun[2] * direct;
  lit[0] = s.r * ar + s.emission * s.r * 3;
  lit[1] = s.g * ag + s.emission * s.g * 3;
  lit[2] = s.b * ab + s.emission * s.b * 3;
  if (s.mirror <= 0) return;
  const k = 1 - facing;
  const k2 = k * k;
  const fresnel = s.mirror + (1 - s.mirror) * k2 * k2 * k * (ground ? 0.25 : 0.7);
  // Reflected direction; what it meets: sky, or dark surroundings near and below the horizon.
  const along = 2 * (dx * nx + dy * ny + dz * nz);
  const rx = dx - along * nx;
  const ry = dy - along * ny;
  const rz = dz - along * nz;
  if (rz > 0.12) {
    skyRadiance(lighting, rx, ry, rz, sky);
  } else {
    const around = rz > 0 ? 0.35 : 0.3;
    sky[0] = lighting.ambientUp[0] * around * 0.5;
    sky[1] = lighting.ambientUp[1] * around * 0.5;
    sky[2] = lighting.ambientUp[2] * around * 0.5;
    if (rz > 0) {
      const share = rz / 0.12;
      sky[0] += (lighting.horizon[0] - sky[0]) * share * share;
      sky[1] += (lighting.horizon[1] - sky[1]) * share * share;
      sky[2] += (lighting.horizon[2] - sky[2]) * share * share;
    }
  }
  lit[0] += (sky[0] - lit[0]) * fresnel;
  lit[1] += (sky[1] - lit[1]) * fresnel;
  lit[2] += (sky[2] - lit[2]) * fresnel;
  if (shadow <= 0 || ground) return;
  const c = rx * sun[0] + ry * sun[1] + rz * sun[2];
  if (c <= 0.8) return;
  const c2 = c * c;
  const c8 = c2 * c2 * c2 * c2;
  const c32 = c8 * c8 * c8 * c8;
  const spark = c32 * c32 * s.mirror * 25 * shadow;
  lit[0] += lighting.sun[0] * spark;
  lit[1] += lighting.sun[1] * spark;
  lit[2] += lighting.sun[2] * spark;
}
