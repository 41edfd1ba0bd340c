import { isHole } from './cutout.js';
import type { Mesh, TriangleGroup } from './mesh/mesh.js';
import { CUTOUT, type Surface } from './mesh/surface.js';
import type { View, VisibilityBuffer } from './visibility.js';

/** Per-vertex work space, reused from call to call. */
let viewX = new Float64Array(0);
let viewY = new Float64Array(0);
let viewZ = new Float64Array(0);
let facing = new Uint8Array(0);

/** The nine numbers of one projected triangle: sample x, sample y, nearness. */
const corner = new Float64Array(9);
/** Up to four corners of a triangle clipped at the near plane, in view coordinates. */
const clipped = new Float64Array(12);
/** World position = base + a column + b row (+ c depth), for the cutout test. */
const worldRay = new Float64Array(12);
/** World position at which a cutout is tested. */
const holePoint = new Float64Array(3);

/**
 * Draws the groups of a mesh that the view can see into the buffer, which it empties first.
 * A triangle whose three normals all face away is skipped unless its surface is two-sided. Perspective views clip at
 * `view.near`. Shared edges neither overlap nor leave cracks: spans use the same rounding on both sides.
 */
export function rasterize(mesh: Mesh, view: View, buffer: VisibilityBuffer): void {
  buffer.nearness.fill(0);
  buffer.triangles.fill(-1);
  if (viewX.length < mesh.vertexCount) {
    const size = mesh.positions.length / 3;
    viewX = new Float64Array(size);
    viewY = new Float64Array(size);
    viewZ = new Float64Array(size);
    facing = new Uint8Array(size);
  }
  prepareWorldRay(view);
  // Nearest first: what lies behind then fails the depth test before any costlier test.
  const order: { readonly group: TriangleGroup; readonly distance: number }[] = [];
  const r = view.rotation;
  for (const group of mesh.groups) {
    if (!groupVisible(group, view, buffer)) continue;
    const [ox, oy, oz] = view.origin;
    const distance = r[6] * (group.x - ox) + r[7] * (group.y - oy) + r[8] * (group.z - oz) - group.radius;
    order.push({ group, distance });
  }
  order.sort((a, b) => a.distance - b.distance);
  for (const { group } of order) {
    transformGroup(mesh, group, view);
    drawGroup(mesh, group, view, buffer);
  }
}

function prepareWorldRay(view: View): void {
  const r = view.rotation;
  const stepX = 1 / (view.fx * view.scale);
  const stepY = 1 / (view.fy * view.scale);
  for (let i = 0; i < 3; i++) {
    worldRay[i] = view.origin[i];
    worldRay[3 + i] = r[i] * stepX;
    worldRay[6 + i] = r[3 + i] * stepY;
    worldRay[9 + i] = r[6 + i];
    const offset = -(view.cx / view.fx) * r[i] - (view.cy / view.fy) * r[3 + i];
    if (view.kind === 'perspective') worldRay[9 + i] += offset;
    else worldRay[i] += offset;
  }
}

function groupVisible(group: TriangleGroup, view: View, buffer: VisibilityBuffer): boolean {
  const r = view.rotation;
  const dx = group.x - view.origin[0];
  const dy = group.y - view.origin[1];
  const dz = group.z - view.origin[2];
  const x = r[0] * dx + r[1] * dy + r[2] * dz;
  const y = r[3] * dx + r[4] * dy + r[5] * dz;
  const z = r[6] * dx + r[7] * dy + r[8] * dz;
  const radius = group.radius;
  const right = (buffer.width / view.scale - view.cx) / view.fx;
  const left = -(view.cx + 1) / view.fx;
  const down = (buffer.height / view.scale - view.cy) / view.fy;
  const up = -(view.cy + 1) / view.fy;
  if (view.kind === 'orthographic') {
    return (
      x + radius > left && x - radius < right && y + radius > up && y - radius < down && z - radius < view.far
    );
  }
  if (z + radius < view.near || z - radius > view.far) return false;
  // Signed distances to the four side planes through the camera, times the length of the plane's normal.
  if (x - right * z > radius * Math.sqrt(1 + right * right)) return false;
  if (left * z - x > radius * Math.sqrt(1 + left * left)) return false;
  if (y - down * z > radius * Math.sqrt(1 + down * down)) return false;
  return up * z - y <= radius * Math.sqrt(1 + up * up);
}

function transformGroup(mesh: Mesh, group: TriangleGroup, view: View): void {
  const p = mesh.positions;
  const n = mesh.normals;
  const r = view.rotation;
  const [r0, r1, r2, r3, r4, r5, r6, r7, r8] = r;
  const [ox, oy, oz] = view.origin;
  const perspective = view.kind === 'perspective';
  for (let v = group.firstVertex; v < group.endVertex; v++) {
    const i = v * 3;
    const dx = p[i] - ox;
    const dy = p[i + 1] - oy;
    const dz = p[i + 2] - oz;
    viewX[v] = r0 * dx + r1 * dy + r2 * dz;
    viewY[v] = r3 * dx + r4 * dy + r5 * dz;
    viewZ[v] = r6 * dx + r7 * dy + r8 * dz;
    const towards = perspective
      ? n[i] * dx + n[i + 1] * dy + n[i + 2] * dz
      : n[i] * r6 + n[i + 1] * r7 + n[i + 2] * r8;
    facing[v] = towards < 0 ? 1 : 0;
  }
}

function drawGroup(mesh: Mesh, group: TriangleGroup, view: View, buffer: VisibilityBuffer): void {
  const perspective = view.kind === 'perspective';
  const { near, far } = view;
  const sx = view.fx * view.scale;
  const sy = view.fy * view.scale;
  const ox = view.cx * view.scale;
  const oy = view.cy * view.scale;
  const { indices, triangleSurfaces, surfaces } = mesh;
  for (let t = group.firstTriangle; t < group.endTriangle; t++) {
    const a = indices[t * 3];
    const b = indices[t * 3 + 1];
    const c = indices[t * 3 + 2];
    const surface = surfaces[triangleSurfaces[t]];
    if (facing[a] + facing[b] + facing[c] === 0 && !surface.twoSided) continue;
    if (!perspective && !surface.castsShadow) continue;
    if (!perspective) {
      setCorner(0, ox + sx * viewX[a], oy + sy * viewY[a], far - viewZ[a]);
      setCorner(3, ox + sx * viewX[b], oy + sy * viewY[b], far - viewZ[b]);
      setCorner(6, ox + sx * viewX[c], oy + sy * viewY[c], far - viewZ[c]);
      fillTriangle(t, surface, view, buffer);
      continue;
    }
    const za = viewZ[a];
    const zb = viewZ[b];
    const zc = viewZ[c];
    if (za >= near && zb >= near && zc >= near) {
      setCorner(0, ox + (sx * viewX[a]) / za, oy + (sy * viewY[a]) / za, 1 / za);
      setCorner(3, ox + (sx * viewX[b]) / zb, oy + (sy * viewY[b]) / zb, 1 / zb);
      setCorner(6, ox + (sx * viewX[c]) / zc, oy + (sy * viewY[c]) / zc, 1 / zc);
      fillTriangle(t, surface, view, buffer);
    } else if (za >= near || zb >= near || zc >= near) {
      const corners = clipNear(a, b, c, near);
      for (let k = 1; k + 1 < corners; k++) {
        setClipped(view, 0, 0);
        setClipped(view, 3, k);
        setClipped(view, 6, k + 1);
        fillTriangle(t, surface, view, buffer);
      }
    }
  }
}

function setCorner(offset: number, x: number, y: number, nearness: number): void {
  corner[offset] = x;
  corner[offset + 1] = y;
  corner[offset + 2] = nearness;
}

/** Few triangles are clipped: what the view says is worked out for each corner. */
function setClipped(view: View, offset: number, k: number): void {
  const { scale } = view;
  const z = clipped[k * 3 + 2];
  const x = view.cx * scale + (view.fx * scale * clipped[k * 3]) / z;
  const y = view.cy * scale + (view.fy * scale * clipped[k * 3 + 1]) / z;
  setCorner(offset, x, y, 1 / z);
}

/** Sutherland-Hodgman against z = near; returns the number of corners left in `clipped`. */
function clipNear(a: number, b: number, c: number, near: number): number {
  let count = 0;
  let from = c;
  for (let k = 0; k < 3; k++) {
    const to = k === 0 ? a : k === 1 ? b : c;
    const z0 = viewZ[from];
    const z1 = viewZ[to];
    if (z0 >= near !== z1 >= near) {
      const w = (near - z0) / (z1 - z0);
      clipped[count * 3] = viewX[from] + w * (viewX[to] - viewX[from]);
      clipped[count * 3 + 1] = viewY[from] + w * (viewY[to] - viewY[from]);
      clipped[count * 3 + 2] = near;
      count++;
    }
    if (z1 >= near) {
      clipped[count * 3] = viewX[to];
      clipped[count * 3 + 1] = viewY[to];
      clipped[count * 3 + 2] = z1;
      count++;
    }
    from = to;
  }
  return count;
}

function fillTriangle(t: number, surface: Surface, view: View, buffer: VisibilityBuffer): void {
  const right = Math.max(corner[0], corner[3], corner[6]);
  const left = Math.min(corner[0], corner[3], corner[6]);
  // Most far triangles fall between two columns of samples.
  if (right <= 0 || left > buffer.width - 1 || Math.ceil(left) >= Math.ceil(right)) return;
  // Corners from top to bottom, ties from left to right: an edge is then the same numbers in both its triangles.
  let a = 0;
  let b = 3;
  let c = 6;
  if (isBelow(a, b)) {
    a = 3;
    b = 0;
  }
  if (isBelow(b, c)) {
    const swap = b;
    b = c;
    c = swap;
    if (isBelow(a, b)) {
      const other = a;
      a = b;
      b = other;
    }
  }
  const x0 = corner[a];
  const y0 = corner[a + 1];
  const x1 = corner[b];
  const y1 = corner[b + 1];
  const x2 = corner[c];
  const y2 = corner[c + 1];
  const { width, nearness, triangles } = buffer;
  const minY = y0 <= 0 ? 0 : Math.ceil(y0);
  const maxY = y2 >= buffer.height ? buffer.height - 1 : Math.ceil(y2) - 1;
  if (minY > maxY) return;
  const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
  if (!(Math.abs(area) > 1e-9)) return;
  const q0 = corner[a + 2];
  const q1 = corner[b + 2];
  const q2 = corner[c + 2];
  const qx = ((q1 - q0) * (y2 - y0) - (q2 - q0) * (y1 - y0)) / area;
  const qy = ((q2 - q0) * (x1 - x0) - (q1 - q0) * (x2 - x0)) / area;
  const qBase = q0 - qx * x0 - qy * y0;
  const qMax = Math.max(q0, q1, q2);
  const qMin = Math.min(q0, q1, q2);
  const holes = surface.cutout !== CUTOUT.none;
  const longSlope = (x2 - x0) / (y2 - y0);
  const upperSlope = y1 > y0 ? (x1 - x0) / (y1 - y0) : 0;
  const lowerSlope = y2 > y1 ? (x2 - x1) / (y2 - y1) : 0;
  // Where an edge crosses a row is rounded up for both its triangles: no overlap, no crack.
  for (let row = minY; row <= maxY; row++) {
    const long = x0 + (row - y0) * longSlope;
    const short = row < y1 ? x0 + (row - y0) * upperSlope : x1 + (row - y1) * lowerSlope;
    let from = Math.ceil(area > 0 ? long : short);
    let to = Math.ceil(area > 0 ? short : long) - 1;
    if (from < 0) from = 0;
    if (to >= width) to = width - 1;
    if (from > to) continue;
    let q = qBase + qy * row + qx * from;
    let i = row * width + from;
    const end = row * width + to;
    if (holes) {
      for (let column = from; i <= end; column++, i++, q += qx) {
        if (q > nearness[i] && !holeAt(surface, view, column, row, q)) {
          nearness[i] = q;
          triangles[i] = t;
        }
      }
      continue;
    }
    for (; i <= end; i++, q += qx) {
      // Slivers extrapolate beyond their corners by rounding; keep them within.
      const value = q > qMax ? qMax : Math.max(q, qMin);
      if (value > nearness[i]) {
        nearness[i] = value;
        triangles[i] = t;
      }
    }
  }
}

/** Whether corner `a` comes after corner `b` from top to bottom, then from left to right. */
function isBelow(a: number, b: number): boolean {
  return corner[a + 1] > corner[b + 1] || (corner[a + 1] === corner[b + 1] && corner[a] > corner[b]);
}

function holeAt(surface: Surface, view: View, column: number, row: number, nearness: number): boolean {
  const w = worldRay;
  const x = w[3] * column + w[6] * row;
  const y = w[4] * column + w[7] * row;
  const z = w[5] * column + w[8] * row;
  const perspective = view.kind === 'perspective';
  const depth = perspective ? 1 / nearness : view.far - nearness;
  if (perspective) {
    holePoint[0] = w[0] + (x + w[9]) * depth;
    holePoint[1] = w[1] + (y + w[10]) * depth;
    holePoint[2] = w[2] + (z + w[11]) * depth;
  } else {
    holePoint[0] = w[0] + x + w[9] * depth;
    holePoint[1] = w[1] + y + w[10] * depth;
    holePoint[2] = w[2] + z + w[11] * depth;
  }
  return isHole(surface, holePoint);
}
