import type { Surface } from '../mesh/surface.js';
import { fadedNoise2, fadedNoise3, hash2, latticePoint } from '../noise.js';
import { coverage, type ShadingSample, stripes } from './sample.js';

const RUBBER = 0.025;

/**
 * Painted car body in object coordinates (x forward, 0 = middle; z = 0 at the ground). params: [half length, half width,
 * sill z, belt z, wheel radius, rear wheel x, front wheel x, light z, trim brightness, plate 0/1, light style 0..1,
 * brake lights on 0..1, two-tone z].
 */
export function shadePaint(sample: ShadingSample, surface: Surface): void {
  const p = surface.params;
  const { lx, ly, lz, lnx, lny, footprint } = sample;
  const seed = surface.seed;
  const halfLength = p[0];
  const halfWidth = p[1];
  const sill = p[2];
  const belt = p[3];
  sample.mirror = 0.05;
  sample.scale(1 - 0.25 * Math.max(0, fadedNoise3(latticePoint(lx, ly, lz), 1.3, footprint, seed) - 0.55));
  if (lz < p[12]) sample.blend(surface.color2, coverage(lz, -1, p[12], footprint));
  const wide = Math.max(footprint, sample.stretch * 0.6);
  if (Math.abs(lny) > 0.6) {
    // Flank: wheel arches, door gaps, handles, sill.
    const radius = p[4] * 1.22;
    for (let k = 5; k < 7; k++) {
      const dx = lx - p[k];
      const dz = lz - p[4];
      const distance = Math.sqrt(dx * dx + dz * dz);
      if (distance < radius) {
        sample.blendGrey(0.012, 1);
        sample.mirror = 0;
        return;
      }
    }
    const middle = (p[5] + p[6]) * 0.5;
    const gapLine = 0.012;
    for (let k = -1; k <= 1; k++) {
      const at = middle + k * (p[6] - p[5]) * 0.34 - 0.06;
      const line = coverage(lx, at - gapLine, at + gapLine, wide) * coverage(lz, sill + 0.1, belt, footprint);
      if (line > 0) sample.blendGrey(0.01, line * 0.85);
      const handle =
        coverage(lx, at - 0.22, at - 0.06, wide) * coverage(lz, belt - 0.15, belt - 0.11, footprint);
      if (handle > 0 && k > -1) sample.blendGrey(0.02, handle * 0.8);
    }
    sample.blendGrey(p[8] * 0.5 + 0.01, coverage(lz, sill - 0.5, sill + 0.07, footprint) * 0.9);
    const moulding = coverage(lz, (sill + belt) * 0.5 - 0.04, (sill + belt) * 0.5 + 0.03, footprint);
    if (hash2(3, 5, seed) < 0.4) sample.blendGrey(0.03, moulding * 0.7);
  }
  const end = Math.abs(lx) > halfLength * 0.86 ? 1 : 0;
  if (end === 0) return;
  const lateral = Math.abs(ly) / halfWidth;
  const lightZ = p[7];
  const tall = 0.09 + 0.16 * p[10];
  if (lx < 0) {
    const lamp =
      coverage(lateral * halfWidth, halfWidth * (0.6 + 0.12 * p[10]), halfWidth * 1.1, wide) *
      coverage(lz, lightZ - tall, lightZ + tall, footprint);
    if (lamp > 0) {
      sample.r += (0.38 - sample.r) * lamp;
      sample.g += (0.012 - sample.g) * lamp;
      sample.b += (0.012 - sample.b) * lamp;
      sample.emission = 0.35 * p[11] * lamp;
      const clear = coverage(lz, lightZ - 0.03, lightZ + 0.03, footprint) * lamp;
      sample.blendGrey(0.4, clear * 0.6);
      sample.mirror = 0.08;
    }
  } else {
    const lamp =
      coverage(lateral * halfWidth, halfWidth * 0.55, halfWidth * 1.1, wide) *
      coverage(lz, lightZ - 0.09, lightZ + 0.09, footprint);
    if (lamp > 0) {
      sample.blendGrey(0.55, lamp);
      sample.mirror = 0.25 * lamp;
      sample.emission = 0.5 * p[11] * lamp;
    }
    const grille =
      coverage(lateral * halfWidth, -1, halfWidth * 0.5, wide) *
      coverage(lz, lightZ - 0.12, lightZ + 0.05, footprint);
    if (grille > 0) sample.blendGrey(0.02 + 0.15 * stripes(lz, 0.05, 0.015, footprint), grille * 0.9);
  }
  if (Math.abs(lnx) > 0.4) {
    // Bumper, the gap of the lid, the plate.
    sample.blendGrey(p[8], coverage(lz, sill - 0.3, sill + 0.14, footprint) * 0.85);
    sample.blendGrey(0.01, coverage(lz, sill + 0.29, sill + 0.31, footprint) * 0.6);
    if (p[9] > 0) {
      const plateZ = lx < 0 && hash2(9, 1, seed) < 0.6 ? lightZ - 0.08 : sill + 0.2;
      const plate = coverage(ly, -0.26, 0.26, wide) * coverage(lz, plateZ - 0.055, plateZ + 0.055, footprint);
      if (plate > 0) {
        const ink =
          footprint < 0.03 && hash2(Math.floor((ly + 5) / 0.045), 0, seed + 8) < 0.6
            ? coverage(lz, plateZ - 0.035, plateZ + 0.035, footprint)
            : 0;
        sample.blendGrey(0.75 - 0.6 * ink, plate);
        sample.mirror *= 1 - plate;
      }
    }
  }
}

/** Window glass; (u, v) run over the pane. params: [darkness, pillar u or -1, frame share of the pane, roof-coloured frame 0/1]. */
export function shadeGlass(sample: ShadingSample, surface: Surface): void {
  const { u, v, lx, ly, lz, footprint } = sample;
  const [tone, pillar, frame, painted] = surface.params;
  const edge = Math.min(u, 1 - u, v * 0.8, 1 - v);
  // Panes are about 0.8 m: the pixel's width in pane coordinates softens the frame's edge.
  const soft = Math.min(0.12, footprint * 1.2) + 1e-3;
  const solid = Math.max(
    coverage(edge, -1, frame, soft),
    pillar >= 0 ? coverage(u, pillar - 0.035, pillar + 0.035, soft) : 0,
  );
  // Head rests, seats, people: blurred dark shapes.
  const inside = fadedNoise3(latticePoint(lx, ly, lz), 2.7, footprint, surface.seed);
  sample.r = sample.g = sample.b = tone * (inside > 0.55 ? 1.8 : 0.7);
  sample.mirror = 0.14 - 0.1 * solid;
  if (painted < 0.5) sample.blendGrey(0.015, solid);
  else sample.blend(surface.color2, solid);
}

/** Wheel: u, v on the cap are the unit disc. params: [rim share, spokes, rim brightness]. */
export function shadeWheel(sample: ShadingSample, surface: Surface): void {
  const [rim, spokes, brightness] = surface.params;
  const side = Math.abs(sample.lny) > 0.7;
  sample.r = sample.g = sample.b = RUBBER;
  if (!side) return;
  const r = Math.sqrt(sample.u * sample.u + sample.v * sample.v);
  if (r > rim) {
    sample.blendGrey(0.05, r > rim + 0.1 ? 0 : 0.4);
    return;
  }
  // Spokes by sectors without an angle function: count sign changes of a rotating pattern of order `spokes`.
  const x = sample.u / (r + 1e-6);
  const y = sample.v / (r + 1e-6);
  let cx = 1;
  let cy = 0;
  for (let i = 0; i < spokes; i++) {
    const t = cx * x - cy * y;
    cy = cx * y + cy * x;
    cx = t;
  }
  const spoke = cx > -0.2 || r > rim * 0.86 || r < rim * 0.25;
  sample.blendGrey(spoke ? brightness : 0.03, 1);
  sample.mirror = spoke ? 0.1 : 0;
}

/**
 * Side of a box body, tanker or tarpaulin. params: [rib period (m), rib depth, lettering 0/1, letter z, letter height,
 * stripe z, stripe height].
 */
export function shadePanel(sample: ShadingSample, surface: Surface): void {
  const [period, depth, lettering, letterZ, letterHeight, stripeZ, stripeHeight] = surface.params;
  const { lx, ly, lz, lnx, footprint } = sample;
  const along = Math.abs(lnx) > 0.7 ? ly : lx;
  const wide = Math.max(footprint, sample.stretch * 0.6);
  const seed = surface.seed;
  if (period > 0) sample.scale(1 - depth * (stripes(along, period, period * 0.25, wide) - 0.25));
  sample.scale(
    1 +
      0.35 * (fadedNoise2(along, lz, 0.8, wide, seed) - 0.5) +
      0.2 * (fadedNoise2(along * 3, lz, 2, wide * 3, seed + 1) - 0.5),
  );
  sample.scale(1 - 0.3 * fadedNoise2(along, lz * 2, 0.5, wide, seed + 2) * (lz < 1.6 ? 1 : 0.2));
  const stripe = coverage(lz, stripeZ, stripeZ + stripeHeight, footprint);
  if (stripe > 0) sample.blend(surface.color2, stripe);
  if (lettering > 0) {
    const row = coverage(lz, letterZ, letterZ + letterHeight, footprint);
    if (row > 0) {
      const cell = letterHeight * 0.75;
      const k = Math.floor(along / cell);
      const f = along / cell - k;
      const inside = hash2(k, 1, seed + 3) < 0.8 && f > 0.15 && f < 0.85;
      const part =
        hash2(Math.floor(f * 4), Math.floor(((lz - letterZ) / letterHeight) * 4), seed + k * 13) < 0.6;
      if (inside && part) sample.blend(surface.color2, row * 0.9);
    }
  }
  sample.mirror = 0.04;
}

/** Side of a bus or tram: window band. params: [window z from, z to, pillar spacing, darkness, stripe z, stripe height]. */
export function shadeBusSide(sample: ShadingSample, surface: Surface): void {
  const [from, to, spacing, tone, stripeZ, stripeHeight] = surface.params;
  const { lx, ly, lz, lnx, footprint } = sample;
  const front = Math.abs(lnx) > 0.7;
  const along = front ? ly : lx;
  const wide = Math.max(footprint, sample.stretch * 0.6);
  sample.mirror = 0.05;
  sample.blend(surface.color2, coverage(lz, stripeZ, stripeZ + stripeHeight, footprint));
  const low = front ? from * 0.75 : from;
  const band = coverage(lz, low, to, footprint) * (front ? 1 : 1 - stripes(along, spacing, 0.09, wide));
  if (band > 0) {
    const inside = fadedNoise2(along, lz, 1.7, wide, surface.seed);
    sample.blendGrey(tone * (inside > 0.55 ? 1.7 : 0.7), band);
    sample.mirror = 0.05 + 0.12 * band;
  }
  if (front && lz > 0.5 && lz < 1.1 && Math.abs(ly) > 0.8) {
    if (lnx < 0) sample.blend([0.35, 0.01, 0.01], 0.9);
    else sample.blendGrey(0.6, 0.9);
  }
}
