import { cos, sin } from '../exact-math.js';
import { addBlob } from '../mesh/shapes.js';
import { type Color, CUTOUT, MATERIAL } from '../mesh/surface.js';
import type { Random } from '../random.js';
import type { Variety } from '../variety.js';
import { LABEL, staticLabel } from './context.js';
import { srgb, varied } from './palette.js';
import { drawRoadWear } from './road-wear.js';
import type { Site } from './site.js';

const GRASS: readonly Color[] = [srgb(100, 118, 55), srgb(85, 105, 50), srgb(120, 125, 70), srgb(75, 92, 45)];
const DRY: readonly Color[] = [
  srgb(190, 165, 110),
  srgb(165, 145, 100),
  srgb(150, 130, 95),
  srgb(120, 105, 80),
  srgb(130, 120, 80),
];
const PAVING: readonly Color[] = [
  srgb(150, 147, 142),
  srgb(165, 160, 150),
  srgb(130, 126, 122),
  srgb(150, 120, 110),
  srgb(120, 118, 115),
];

/** Lays road, parking strips, kerbs, pavements, verges, crossings, land and far hills. */
export function addGround(site: Site, random: Random, variety?: Variety): void {
  const { mesh, plan, palette } = site;
  const right = site.edge(-1);
  const left = site.edge(1);
  const asphalt = varied(
    random,
    palette,
    random.pick([
      srgb(98, 97, 98),
      srgb(120, 118, 115),
      srgb(80, 80, 84),
      srgb(108, 104, 100),
      srgb(138, 134, 128),
    ]),
    0.3,
    0.05,
  );
  const wear = random.uniform(0.1, 1);
  const plain = [random.uint32(), random.uniform(0.25, 0.8), markings(site, random, left, right)] as const;
  const traces =
    variety !== undefined && random.chance(variety.wornAsphaltChance)
      ? drawRoadWear(site, random)
      : undefined;
  const road = mesh.surface({
    material: traces === undefined ? MATERIAL.road : MATERIAL.wornRoad,
    label: LABEL.road,
    color: asphalt,
    seed: plain[0],
    params: [plain[1], wear, ...plain[2], ...(traces ?? [])],
  });
  const bare = mesh.surface({
    material: MATERIAL.road,
    label: LABEL.road,
    color: asphalt,
    seed: random.uint32(),
    params: [0.5, wear, 3, 9, 0, 0],
  });
  site.strip(road, { s0: site.from, s1: site.to, step: 2, inner: () => [right, 0], outer: () => [left, 0] });
  if (plan.medianKind === 'grass' || plan.medianKind === 'rail' || plan.medianKind === 'tram')
    addMedian(site, random);
  for (const side of [1, -1] as const) addSide(site, random, side, bare);
  addFarLand(site, random);
  for (const [a, b] of plan.junctions) {
    for (const side of [1, -1] as const) {
      const edge = site.edge(side);
      site.strip(bare, { s0: a, s1: b, step: 4, inner: () => [edge, 0], outer: () => [edge + side * 90, 0] });
    }
  }
}

function markings(site: Site, random: Random, left: number, right: number): number[] {
  const { plan } = site;
  const { laneWidth, lanesSame, lanesOncoming, shoulder } = plan;
  const white = random.uniform(0.45, 0.8);
  const list: number[] = [];
  let count = 0;
  const add = (at: number, width: number, dashed: number): void => {
    list.push(at, width, dashed, white);
    count++;
  };
  const width = random.uniform(0.1, 0.17);
  const marked =
    plan.layout === 'suburb'
      ? random.chance(0.25)
      : plan.layout === 'street'
        ? random.chance(0.65)
        : random.chance(0.95);
  if (marked) {
    const half = plan.median / 2;
    if (plan.layout !== 'suburb' || random.chance(0.3)) {
      add(right + shoulder - 0.05, width, 0);
      add(left - shoulder + 0.05, width, 0);
    }
    for (let k = 1; k < lanesSame; k++) add(-half - k * laneWidth, width, 1);
    for (let k = 1; k < lanesOncoming; k++) add(half + k * laneWidth, width, 1);
    if (lanesOncoming > 0) {
      if (plan.median === 0) {
        if (random.chance(0.6)) add(0, width, 1);
        else {
          add(0.12, width, 0);
          add(-0.12, width, random.integer(0, 1));
        }
      } else {
        add(half - 0.1, width, 0);
        add(-half + 0.1, width, 0);
      }
    }
  }
  const crossings: number[] = [];
  for (const [a, b] of plan.junctions) {
    if (random.chance(0.35)) crossings.push(a - 4.5, a - 1.2);
    if (random.chance(0.35)) crossings.push(b + 1.2, b + 4.5);
    if (random.chance(0.4)) crossings.push(a - 6.2, a - 5.8);
  }
  const dash = plan.layout === 'highway' ? random.uniform(3, 7) : random.uniform(2, 5);
  return [dash, dash * random.uniform(1.8, 3.2), count, ...list, crossings.length / 2, ...crossings];
}

function addMedian(site: Site, random: Random): void {
  const { plan, mesh, palette } = site;
  const half = plan.median / 2 - 0.25;
  if (half <= 0.2) return;
  const height = plan.medianKind === 'tram' ? random.uniform(0, 0.1) : random.uniform(0.05, 0.18);
  const skin = grassSurface(
    site,
    random,
    plan.medianKind === 'tram' ? staticLabel(site, LABEL.terrain) : LABEL.terrain,
  );
  const kerb = kerbSurface(site, random);
  for (const [s0, s1] of gaps(site, site.from, site.to, 0)) {
    site.strip(skin, { s0, s1, step: 3, inner: () => [-half, height], outer: () => [half, height] });
    site.strip(kerb, {
      s0,
      s1,
      step: 3,
      inner: () => [-half, 0],
      outer: () => [-half, height],
      normal: [-1, 0],
    });
    site.strip(kerb, {
      s0,
      s1,
      step: 3,
      inner: () => [half, 0],
      outer: () => [half, height],
      normal: [1, 0],
    });
    if (plan.medianKind !== 'tram') continue;
    const rail = mesh.surface({
      material: MATERIAL.metal,
      label: staticLabel(site, LABEL.terrain),
      color: varied(random, palette, srgb(120, 118, 116)),
      params: [0.2, 0.15, 0],
    });
    for (const t of [-half * 0.75, -half * 0.75 + 1.43, half * 0.75, half * 0.75 - 1.43])
      site.strip(rail, {
        s0,
        s1,
        step: 4,
        inner: () => [t - 0.04, height + 0.04],
        outer: () => [t + 0.04, height + 0.04],
      });
  }
}

/** The parts of [s0, s1] outside crossing roads. */
export function gaps(site: Site, s0: number, s1: number, margin: number): [number, number][] {
  const result: [number, number][] = [];
  let from = s0;
  for (const [a, b] of site.plan.junctions) {
    if (b + margin < from || a - margin > s1) continue;
    if (a - margin > from) result.push([from, a - margin]);
    from = b + margin;
  }
  if (from < s1) result.push([from, s1]);
  return result;
}

/** A surface of grass, dry or green. @returns its number in the mesh. */
export function grassSurface(site: Site, random: Random, label: number): number {
  const { mesh, palette } = site;
  const dry = site.plan.layout === 'highway' ? 0.5 : 0.2;
  const color = varied(random, palette, random.chance(dry) ? random.pick(DRY) : random.pick(GRASS), 0.3);
  return mesh.surface({
    material: MATERIAL.grass,
    label,
    color,
    color2: varied(random, palette, random.chance(0.5) ? random.pick(DRY) : random.pick(GRASS), 0.3),
    seed: random.uint32(),
    params: [random.uniform(0.15, 1), random.uniform(0.15, 0.6), random.uniform(0.4, 1)],
  });
}

function pavingSurface(site: Site, random: Random, label: number): number {
  const { mesh, palette } = site;
  const cobble = random.chance(0.4);
  const size = cobble ? random.uniform(0.1, 0.2) : random.uniform(0.3, 0.6);
  return mesh.surface({
    material: MATERIAL.paving,
    label,
    color: varied(random, palette, random.pick(PAVING), 0.3, 0.06),
    seed: random.uint32(),
    params: [
      size * random.uniform(1, 1.8),
      size,
      cobble ? 0.012 : 0.008,
      random.uniform(0.2, 0.6),
      random.uniform(0.1, 0.4),
    ],
  });
}

function kerbSurface(site: Site, random: Random): number {
  return site.mesh.surface({
    material: MATERIAL.paving,
    label: LABEL.sidewalk,
    color: varied(random, site.palette, srgb(160, 157, 150), 0.25, 0.05),
    seed: random.uint32(),
    params: [1, 0.5, 0.01, 0.3, 0.2],
  });
}

function addSide(site: Site, random: Random, side: 1 | -1, asphalt: number): void {
  const plan = site.side(side);
  const edge = site.edge(side);
  const kerb = site.kerbAt(side);
  const h = plan.kerbHeight;
  const at = (outward: number, height: number) => (): readonly [number, number] => [
    edge + side * outward,
    height,
  ];
  const kerbSkin = kerbSurface(site, random);
  const pavement = pavingSurface(site, random, LABEL.sidewalk);
  const verge = grassSurface(site, random, LABEL.terrain);
  const land = random.chance(site.plan.layout === 'street' ? 0.45 : 0)
    ? pavingSurface(site, random, LABEL.sidewalk)
    : random.chance(0.5)
      ? verge
      : grassSurface(site, random, LABEL.terrain);
  const parking = random.chance(0.5) ? asphalt : pavingSurface(site, random, LABEL.none);
  for (const [s0, s1] of gaps(site, site.from, site.to, 0)) {
    if (kerb > 0) site.strip(parking, { s0, s1, step: 3, inner: at(0, 0), outer: at(kerb, 0) });
    if (h > 0.01) {
      site.strip(kerbSkin, { s0, s1, step: 3, inner: at(kerb, 0), outer: at(kerb, h), normal: [-side, 0] });
      site.strip(kerbSkin, { s0, s1, step: 3, inner: at(kerb, h), outer: at(kerb + 0.15, h) });
    } else site.strip(verge, { s0, s1, step: 3, inner: at(kerb, 0), outer: at(kerb + 0.15, h) });
    let d = kerb + 0.15;
    const vergeFirst = plan.verge > 0;
    if (vergeFirst) {
      site.strip(verge, { s0, s1, step: 3, inner: at(d, h), outer: at(d + plan.verge, h) });
      d += plan.verge;
    }
    if (plan.pavement > 0) {
      site.strip(pavement, { s0, s1, step: 3, inner: at(d, h), outer: at(d + plan.pavement, h) });
      d += plan.pavement;
    }
    const rows = [d, d + 3, d + 7, d + 12, d + 18, d + 26, d + 40, d + 65, d + 110];
    for (let k = 0; k + 1 < rows.length; k++) {
      const inner = rows[k];
      const outer = rows[k + 1];
      site.strip(land, {
        s0,
        s1,
        step: k < 4 ? 4 : 8,
        inner: (s) => [edge + side * inner, site.landHeight(side, s, inner)],
        outer: (s) => [edge + side * outer, site.landHeight(side, s, outer)],
      });
    }
  }
}

/** Land to the horizon and ridges with woods, so that a view along the road does not end in nothing. */
function addFarLand(site: Site, random: Random): void {
  const { mesh, palette, path, plan } = site;
  const middle = path.frame((Math.max(site.from, 0) + site.to) / 2);
  const reach = 1600;
  const z =
    Math.min(path.frame(site.from).z, path.frame(site.to).z, path.frame((site.from + site.to) / 2).z) - 9;
  mesh.use({ ...middle, slope: 0, z });
  mesh.beginGroup();
  const far = grassSurface(site, random, LABEL.terrain);
  const v = [-1, 1].flatMap((i) => [-1, 1].map((j) => mesh.vertex([i * reach, j * reach, 0], [0, 0, 1])));
  mesh.triangle(v[0], v[1], v[3], far);
  mesh.triangle(v[0], v[3], v[2], far);
  mesh.endGroup();
  const hilly = plan.layout === 'highway' || plan.layout === 'country';
  const skin = mesh.surface({
    material: MATERIAL.hill,
    label: LABEL.vegetation,
    color: varied(random, palette, srgb(75, 88, 55), 0.4),
    color2: varied(random, palette, random.chance(0.3) ? srgb(150, 130, 90) : srgb(60, 75, 45), 0.4),
    seed: random.uint32(),
    cutout: CUTOUT.none,
  });
  const count = 26;
  for (let k = 0; k < count; k++) {
    const angle = (2 * Math.PI * (k + random.uniform(-0.3, 0.3))) / count;
    const distance = random.uniform(320, 1300) + (site.to - site.from) / 2;
    const radius = random.uniform(100, 300);
    const height = hilly ? random.uniform(0.01, 0.09) * distance : random.uniform(6, 26);
    mesh.beginGroup();
    addBlob(mesh, skin, [cos(angle) * distance, sin(angle) * distance, 0], [radius, radius, height + 9], {
      level: 2,
      bumpiness: 0.2,
      seed: random.uint32(),
    });
    mesh.endGroup();
  }
}
