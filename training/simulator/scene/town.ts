import type { Domain } from '../domains.js';
import { Mesh } from '../mesh/mesh.js';
import { MATERIAL } from '../mesh/surface.js';
import type { Random } from '../random.js';
import { addBackdrop, addFrontage } from './frontage.js';
import { addGround } from './ground.js';
import { addKerbside } from './kerbside.js';
import { RoadPath } from './road-path.js';
import { Site } from './site.js';
import { addStreetFurniture } from './street-furniture.js';
import { drawStreetPlan } from './street-plan.js';
import { variedPlan } from './varied-plan.js';

export interface TownOptions {
  readonly domain: Domain;
  /** First and last station of the road, metres; the camera starts at station 0. */
  readonly from: number;
  readonly to: number;
  /** Station near which detail is worth its triangles; undefined = everywhere. */
  readonly eye?: number;
  /** A mesh to build in, emptied first; saves allocating a new one. */
  readonly mesh?: Mesh;
}

/** Builds everything that stands still. */
export function buildTown(random: Random, options: TownOptions): Site {
  const { domain } = options;
  const mesh = options.mesh ?? new Mesh();
  mesh.truncate({ vertices: 0, triangles: 0, groups: 0, surfaces: 0 });
  const { variety } = domain;
  const usual = drawStreetPlan(random.fork(), domain, options.from, options.to);
  const plan = variety === undefined ? usual : variedPlan(random.fork(), usual, variety);
  const bend = plan.layout === 'highway' || plan.layout === 'arterial' ? 0.3 : 1;
  const path = new RoadPath(random.fork(), {
    from: options.from - 20,
    to: options.to + 20,
    curvature: random.uniform(...domain.curvature) * bend * random.uniform(),
    slope: random.uniform(...domain.slope) * random.uniform(),
  });
  const wild = random.chance(domain.wildChance) ? domain.wildness * random.uniform(0.3, 1) : 0.02;
  const site = new Site(mesh, {
    path,
    plan,
    palette: { wild },
    from: options.from,
    to: options.to,
    seed: random.uint32() | 0,
    eye: options.eye,
    namesStatic: variety !== undefined,
  });
  addGround(site, random.fork(), variety);
  for (const side of [1, -1] as const) addFrontage(site, random.fork(), side);
  for (const side of [1, -1] as const) addBackdrop(site, random.fork(), side);
  addStreetFurniture(site, random.fork());
  if (variety !== undefined) addKerbside(site, random.fork(), variety);
  if (wild > 0.1) confuseMaterials(mesh, random.fork(), wild);
  return site;
}

/** Gives some plain surfaces the pattern of another material: what a thing is must then be read from its shape. */
function confuseMaterials(mesh: Mesh, random: Random, wild: number): void {
  const grounds = new Set<number>([MATERIAL.paving, MATERIAL.grass, MATERIAL.plain]);
  for (let k = 0; k < mesh.surfaces.length; k++) {
    const surface = mesh.surfaces[k];
    if (surface === undefined || !grounds.has(surface.material) || !random.chance(wild * 0.5)) continue;
    mesh.surfaces[k] = random.chance(0.5)
      ? {
          ...surface,
          material: MATERIAL.grass,
          params: [random.uniform(0.1, 4), random.uniform(0.2, 0.8), random.uniform(0.2, 1.5)],
        }
      : {
          ...surface,
          material: MATERIAL.paving,
          params: [random.uniform(0.2, 3), random.uniform(0.2, 3), 0.02, 0.5, random.uniform(0.1, 1)],
        };
  }
}
