import type { Surface } from '../mesh/surface.js';
import { fadedNoise2, hash2, noise2 } from '../noise.js';
import { shadeRoad } from './ground.js';
import { coverage, type ShadingSample } from './sample.js';

/** Length of the cells in which patches and skid marks are drawn, metres. */
const PATCH_CELL = 13;
const SKID_CELL = 40;

/**
 * Asphalt as `shadeRoad`, with traces of use over it. params: those of `shadeRoad`, then [lane width, half median,
 * right edge v, left edge v (m), tyre tracks, oil, tar, cracks a metre, seams, patches, manhole spacing (m) or 0,
 * skid marks, puddles, dust].
 */
export function shadeWornRoad(sample: ShadingSample, surface: Surface): void {
  shadeRoad(sample, surface);
  const p = surface.params;
  const crossings = 5 + (p[4] ?? 0) * 4;
  const at = crossings + 1 + 2 * (p[crossings] ?? 0);
  const { u, v, footprint, stretch } = sample;
  const long = Math.max(stretch, footprint);
  const seed = surface.seed;
  const lane = p[at] ?? 3;
  // Metres from the middle of the lane.
  const fromMedian = (Math.abs(v) - (p[at + 1] ?? 0)) / lane;
  const inLane = (fromMedian - Math.floor(fromMedian) - 0.5) * lane;
  shadePatches(sample, surface, p[at + 9] ?? 0, lane, long);
  let tone = 1;
  const tracks = p[at + 4] ?? 0;
  if (tracks !== 0) {
    const d = Math.abs(Math.abs(inLane) - 0.85);
    if (d < 0.45) tone += tracks * (1 - (d / 0.45) * (d / 0.45)) * (0.5 + noise2(u * 0.1, v, seed + 31));
  }
  const oil = p[at + 5] ?? 0;
  if (oil > 0 && Math.abs(inLane) < 0.6) {
    const drops = fadedNoise2(u * 0.5, v, 2.2, footprint, seed + 32);
    tone -= oil * (1 - Math.abs(inLane) / 0.6) * Math.max(0, 1.6 * drops - 0.5);
  }
  const dust = p[at + 13] ?? 0;
  if (dust > 0) {
    const edge = Math.min(v - (p[at + 2] ?? 0), (p[at + 3] ?? 0) - v);
    if (edge < 1) {
      const share = dust * (1 - edge) * fadedNoise2(u, v, 1.7, footprint, seed + 33);
      sample.blend(DUST, Math.max(0, Math.min(share, 0.9)));
    }
  }
  sample.scale(Math.max(tone, 0.2));
  shadeTar(sample, surface, at, inLane);
  shadeManholes(sample, seed, p[at + 10] ?? 0, lane, long);
  shadeSkids(sample, seed, p[at + 11] ?? 0, long);
  const puddles = p[at + 12] ?? 0;
  if (puddles > 0) {
    const low = noise2(u * 0.13, v * 0.4, seed + 41) * 0.75 + noise2(u * 0.9, v * 0.9, seed + 42) * 0.25;
    const wet = Math.min(1, Math.max(0, (low - 1 + puddles) * 9));
    sample.scale(1 - 0.5 * wet);
    sample.mirror = 0.015 + 0.12 * wet;
  }
}

const DUST = [0.2, 0.16, 0.11] as const;

/** Rectangles of other asphalt with tar along their edges. */
function shadePatches(
  sample: ShadingSample,
  surface: Surface,
  share: number,
  lane: number,
  long: number,
): void {
  if (share <= 0) return;
  const { u, v, footprint } = sample;
  const seed = surface.seed;
  const pv = Math.floor(v / lane);
  const shifted = u + 9 * hash2(pv, 5, seed + 20);
  const pu = Math.floor(shifted / PATCH_CELL);
  if (hash2(pu, pv, seed + 21) >= share) return;
  const size = hash2(pu, pv, seed + 22);
  const length = 0.6 + (PATCH_CELL - 1) * size * size;
  const from = pu * PATCH_CELL + (PATCH_CELL - length) * hash2(pu, pv, seed + 23);
  const width = lane * (0.15 + 0.8 * hash2(pu, pv, seed + 24));
  const low = pv * lane + (lane - width) * hash2(pu, pv, seed + 25);
  const inside = coverage(shifted, from, from + length, long) * coverage(v, low, low + width, footprint);
  const outside =
    coverage(shifted, from - 0.06, from + length + 0.06, long) *
    coverage(v, low - 0.06, low + width + 0.06, footprint);
  if (outside <= 0) return;
  const tone = 0.45 + 0.85 * hash2(pu, pv, seed + 26);
  sample.blendGrey(0.02, Math.max(0, outside - inside) * (hash2(pu, pv, seed + 27) < 0.6 ? 0.8 : 0.1));
  const r = surface.color[0] * tone;
  sample.blend([r, surface.color[1] * tone, surface.color[2] * tone], inside * 0.85);
}

/** Dark bands of tar along cracks, between the lanes and across; the road's own params begin at `at`. */
function shadeTar(sample: ShadingSample, surface: Surface, at: number, inLane: number): void {
  const { u, v, footprint } = sample;
  const { params, seed } = surface;
  const long = Math.max(sample.stretch, footprint);
  const lane = params[at] ?? 3;
  const tar = params[at + 6] ?? 0;
  const frequency = params[at + 7] ?? 0.4;
  const seams = params[at + 8] ?? 0;
  if (tar > 0 && footprint < 0.12) {
    // Some stretches are cracked, others are whole.
    const cracked = noise2(u * 0.045, v * 0.12, seed + 51);
    if (cracked > 0.42) {
      const half = 0.02 + 0.05 * noise2(u * 0.7, v * 0.7, seed + 52);
      // The noise climbs by about 1.6 in a cell: from its value to metres.
      const slope = 1.6 * frequency;
      const a = Math.abs(noise2(u * frequency, v * frequency * 1.4, seed + 53) - 0.5) / slope;
      const b = Math.abs(noise2(u * frequency * 0.55 + 7, v * frequency * 1.9, seed + 54) - 0.5) / slope;
      const line = coverage(Math.min(a, b), -1, half, Math.max(footprint, long * 0.35));
      sample.blendGrey(0.014, line * tar * Math.min(1, (cracked - 0.42) * 12));
    }
  }
  if (seams <= 0) return;
  const wobble = 0.12 * (noise2(u * 0.3, 3.5, seed + 55) - 0.5);
  const side = Math.abs(Math.abs(inLane) - lane / 2 + 0.18 + wobble);
  const period = 6 + 20 * hash2(1, 2, seed + 56);
  const across = Math.abs(u / period - Math.round(u / period)) * period;
  const wave = across + 0.15 * (noise2(v * 0.8, u / period, seed + 57) - 0.5);
  const line = Math.max(
    coverage(side, -1, 0.028, footprint),
    coverage(wave, -1, 0.03, long) * (hash2(Math.round(u / period), 4, seed + 58) < 0.6 ? 1 : 0),
  );
  sample.blendGrey(0.016, line * seams);
}

/** Round covers in the lanes and slots at their edges. */
function shadeManholes(
  sample: ShadingSample,
  seed: number,
  spacing: number,
  lane: number,
  long: number,
): void {
  if (spacing <= 0 || long > 0.6) return;
  const { u, v } = sample;
  const k = Math.floor(u / spacing);
  const du = u - (k + 0.2 + 0.6 * hash2(k, 1, seed + 61)) * spacing;
  const dv = v - (hash2(k, 2, seed + 62) - 0.5) * 2.2 * lane;
  if (Math.abs(du) > 1 || Math.abs(dv) > 1) return;
  const r = Math.sqrt(du * du + dv * dv);
  const disc = coverage(r, -1, 0.34, long);
  const ring = disc - coverage(r, -1, 0.29, long);
  const tone = 0.02 + 0.09 * hash2(k, 3, seed + 63);
  const relief = hash2(Math.floor(du / 0.07), Math.floor(dv / 0.07), seed + 64) < 0.5 ? 1.5 : 0.7;
  sample.blendGrey(tone * (long < 0.07 ? relief : 1), disc * 0.95);
  sample.blendGrey(0.3 * hash2(k, 5, seed + 65), ring * 0.6);
}

/** Pairs of dark stripes where wheels have locked. */
function shadeSkids(sample: ShadingSample, seed: number, amount: number, long: number): void {
  if (amount <= 0) return;
  const { u, v, footprint } = sample;
  const k = Math.floor(u / SKID_CELL);
  if (hash2(k, 1, seed + 71) > amount) return;
  const length = 5 + 25 * hash2(k, 2, seed + 72);
  const from = k * SKID_CELL + (SKID_CELL - length) * hash2(k, 3, seed + 73);
  const along = coverage(u, from, from + length, long);
  if (along <= 0) return;
  const t = (u - from) / length;
  const drift = (hash2(k, 4, seed + 74) - 0.5) * 2.5 * t * t;
  const middle = (hash2(k, 5, seed + 75) - 0.5) * 7 + drift;
  const d = Math.abs(Math.abs(v - middle) - 0.75);
  sample.blendGrey(0.015, coverage(d, -1, 0.1, footprint) * along * 0.55 * Math.min(1, 3 * (1 - t)));
}
