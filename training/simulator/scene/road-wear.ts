import type { Random } from '../random.js';
import type { Site } from './site.js';

/** Draws the traces of use on a road; the order of params is that of `shadeWornRoad`. */
export function drawRoadWear(site: Site, random: Random): number[] {
  const often = (chance: number, low: number, high: number): number =>
    random.chance(chance) ? random.uniform(low, high) : 0;
  const { plan } = site;
  return [
    plan.laneWidth,
    plan.median / 2,
    site.edge(-1),
    site.edge(1),
    often(0.7, -0.16, 0.22), // tyre tracks: polished darker or lighter than the rest
    often(0.6, 0.1, 0.5), // oil between them
    often(0.45, 0.25, 0.9), // tar on cracks
    random.logUniform(0.18, 0.9), // cracks, 1/m
    often(0.5, 0.3, 0.8), // seams between the lanes and across
    often(0.5, 0.1, 0.55), // patches
    often(0.6, 8, 45), // metres from manhole to manhole
    often(0.25, 0.2, 0.7), // skid marks
    often(0.15, 0.25, 0.6), // puddles
    often(0.4, 0.2, 0.8), // dust and leaves at the edges
  ];
}
