import test from 'ava';
import { CITYSCAPES_CLASSES, SKY } from '../../../models/class-table.js';
import { domainNamed } from '../../../training/simulator/domains.js';
import type { SimulatedFrame } from '../../../training/simulator/frame.js';
import { WORLD_FRAME } from '../../../training/simulator/mesh/frame.js';
import { Mesh } from '../../../training/simulator/mesh/mesh.js';
import { MATERIAL } from '../../../training/simulator/mesh/surface.js';
import { Random } from '../../../training/simulator/random.js';
import { rasterize } from '../../../training/simulator/rasterizer.js';
import { renderFrame } from '../../../training/simulator/render-frame.js';
import { addAdvertisingColumn } from '../../../training/simulator/scene/clutter/advertising-column.js';
import { addBusShelter } from '../../../training/simulator/scene/clutter/bus-shelter.js';
import { addDelineator } from '../../../training/simulator/scene/clutter/delineator.js';
import { addGrassTufts } from '../../../training/simulator/scene/clutter/grass-tufts.js';
import { addGuardedSapling } from '../../../training/simulator/scene/clutter/guarded-sapling.js';
import { addHoarding } from '../../../training/simulator/scene/clutter/hoarding.js';
import { addKiosk } from '../../../training/simulator/scene/clutter/kiosk.js';
import { addPosterBoard } from '../../../training/simulator/scene/clutter/poster-board.js';
import { addBarrier, addBeacon } from '../../../training/simulator/scene/clutter/road-works.js';
import { addScaffold } from '../../../training/simulator/scene/clutter/scaffold.js';
import { addSlenderBush } from '../../../training/simulator/scene/clutter/slender-bush.js';
import { addSlimThing } from '../../../training/simulator/scene/clutter/slim-thing.js';
import { addStreetCabinet } from '../../../training/simulator/scene/clutter/street-cabinet.js';
import { addWheelieBin } from '../../../training/simulator/scene/clutter/wheelie-bin.js';
import type { SceneContext } from '../../../training/simulator/scene/context.js';
import { addTruck } from '../../../training/simulator/scene/heavy-vehicles.js';
import { drawLighting } from '../../../training/simulator/scene/sky.js';
import { buildTown } from '../../../training/simulator/scene/town.js';
import { addUnderpass } from '../../../training/simulator/scene/underpass.js';
import { simulateSnapshot } from '../../../training/simulator/snapshot.js';
import { createVisibilityBuffer, type View } from '../../../training/simulator/visibility.js';

const varied = domainNamed('town-varied');
const SIZE = { width: 192, height: 64 };

/** A mesh to build in, and what builders want; `seed` draws the thing. */
function emptyScene(seed: number, namesStatic = true): SceneContext {
  return { mesh: new Mesh(), random: new Random(seed), palette: { wild: 0 }, detail: 2, namesStatic };
}

/** Everything that stands beside the road and may look like a person or a car. */
const THINGS: Readonly<Record<string, (context: SceneContext) => void>> = {
  'advertising column': (context) => addAdvertisingColumn(context, WORLD_FRAME),
  'bus shelter': (context) => addBusShelter(context, WORLD_FRAME),
  delineator: (context) => addDelineator(context, WORLD_FRAME),
  'high grass': (context) => addGrassTufts(context, WORLD_FRAME, 5, 0.5),
  sapling: (context) => addGuardedSapling(context, WORLD_FRAME),
  hoarding: (context) => addHoarding(context, WORLD_FRAME, 9),
  kiosk: (context) => addKiosk(context, WORLD_FRAME),
  'poster board': (context) => addPosterBoard(context, WORLD_FRAME, 'billboard'),
  barrier: (context) => addBarrier(context, WORLD_FRAME, 8),
  beacon: (context) => addBeacon(context, WORLD_FRAME),
  scaffold: (context) => addScaffold(context, WORLD_FRAME, 8, 6),
  bush: (context) => addSlenderBush(context, WORLD_FRAME),
  'slim thing': (context) => addSlimThing(context, WORLD_FRAME),
  cabinet: (context) => addStreetCabinet(context, WORLD_FRAME),
  bin: (context) => addWheelieBin(context, WORLD_FRAME),
  underpass: (context) => addUnderpass(context, WORLD_FRAME, { right: -6, left: 6, width: 10, approach: 8 }),
};

test('whatever stands at the kerb has a class, no dynamic one, and is no instance', (t) => {
  for (const [name, add] of Object.entries(THINGS)) {
    for (let seed = 0; seed < 12; seed++) {
      const context = emptyScene(seed);
      add(context);
      t.true(context.mesh.triangleCount > 0, name);
      for (const { label, instance } of context.mesh.surfaces) {
        t.is(CITYSCAPES_CLASSES[label]?.dynamic, false, `${name}, seed ${seed}: label ${label}`);
        t.is(instance, 0, name);
      }
    }
  }
});

test('things at the kerb stand on the ground and are no larger than such things are', (t) => {
  const tallest: Readonly<Record<string, number>> = { bin: 1.3, delineator: 1.2, beacon: 1.3, bush: 2.7 };
  for (const [name, limit] of Object.entries(tallest)) {
    for (let seed = 0; seed < 12; seed++) {
      const context = emptyScene(seed);
      THINGS[name]?.(context);
      const { positions, vertexCount } = context.mesh;
      const heights = Array.from({ length: vertexCount }, (_, k) => positions[3 * k + 2] ?? Number.NaN);
      t.true(Math.min(...heights) <= 0.15, `${name} hovers at ${Math.min(...heights)} m`);
      t.true(Math.max(...heights) <= limit, `${name} is ${Math.max(...heights)} m high`);
      t.true(Math.max(...heights) > 0.4, `${name} is ${Math.max(...heights)} m high`);
    }
  }
});

/** Looks along +x from 1 m over the origin: x right is -y, y down is -z. */
const FORWARD: View = {
  origin: [-10, 0, 1.2],
  rotation: [0, -1, 0, 0, 0, -1, 1, 0, 0],
  kind: 'perspective',
  fx: 100,
  fy: 100,
  cx: 60,
  cy: 40,
  scale: 1,
  near: 0.1,
  far: 100,
};

test('what is printed on a lorry is a part of the lorry', (t) => {
  let printed = 0;
  for (let seed = 0; seed < 20; seed++) {
    const context = emptyScene(seed);
    addTruck(context, WORLD_FRAME, 7, false);
    for (const { label, instance, material } of context.mesh.surfaces) {
      t.is(CITYSCAPES_CLASSES[label]?.name, 'truck');
      t.is(instance, 7);
      if (material === MATERIAL.poster) printed++;
    }
    const plain = emptyScene(seed, false);
    addTruck(plain, WORLD_FRAME, 7, false);
    t.false(plain.mesh.surfaces.some(({ material }) => material === MATERIAL.poster));
  }
  t.true(printed > 0);
});

test('a poster is a plane: its depth at a pixel is where the ray meets the board, whatever is printed on it', (t) => {
  const context = emptyScene(3);
  addPosterBoard(context, WORLD_FRAME, 'billboard');
  const buffer = createVisibilityBuffer(121, 81);
  rasterize(context.mesh, FORWARD, buffer);
  const { surfaces, triangleSurfaces } = context.mesh;
  let seen = 0;
  buffer.triangles.forEach((triangle, i) => {
    if (triangle < 0) return;
    const surface = surfaces[triangleSurfaces[triangle] ?? -1];
    if (surface?.material !== MATERIAL.poster) return;
    seen++;
    // The printed face lies 0.042 m before the middle of the board, at x = 0, which is 10 m away.
    t.true(Math.abs(1 / (buffer.nearness[i] ?? 0) - (10 - 0.042)) < 1e-4);
  });
  t.true(seen > 100, `${seen} pixels of a poster`);
});

/** The scene of a seed under the sun or under clouds, its worn asphalt kept or taken away. */
function shown(seed: number, overcast: boolean, worn: boolean): SimulatedFrame {
  const random = new Random(seed, 9);
  const variety = varied.variety && { ...varied.variety, wornAsphaltChance: 1 };
  const domain = {
    ...varied,
    variety,
    sunElevationDegrees: [30, 40] as const,
    overcastChance: overcast ? 1 : 0,
  };
  const site = buildTown(random.fork(), { domain, from: -35, to: 120, eye: 0 });
  const { surfaces } = site.mesh;
  if (!worn) {
    surfaces.forEach((surface, k) => {
      if (surface.material === MATERIAL.wornRoad) surfaces[k] = { ...surface, material: MATERIAL.road };
    });
  }
  const foot = site.path.frame(0, -site.plan.laneWidth / 2);
  return renderFrame({
    site,
    lighting: drawLighting(new Random(seed, 4), domain, 0),
    look: {
      ...{ exposure: 1, gains: [1, 1, 1], contrast: 1, saturation: 1, vignette: 0, blur: 0, sharpen: 0 },
      ...{ noise: 0, chromatic: 0, blocks: 0, flare: 0 },
    },
    camera: {
      ...SIZE,
      intrinsics: { fx: 110, fy: 110, cx: 95.5, cy: 28 },
      ...{ heightMeters: 1.5, pitch: 0, yaw: 0, roll: 0 },
    },
    car: { x: foot.x, y: foot.y, z: foot.z, heading: 0, slope: 0 },
    shades: [],
    random: new Random(seed, 5),
    stampNs: 0n,
    movingInstances: new Set(),
    supersampling: 1,
  });
}

test('shadows and wear of the road change the picture and neither depth nor labels', (t) => {
  for (const seed of [2, 3]) {
    const plain = shown(seed, true, false);
    const worn = shown(seed, true, true);
    const sunny = shown(seed, false, true);
    for (const other of [worn, sunny]) {
      t.deepEqual(other.depthMeters, plain.depthMeters);
      t.deepEqual(other.labels, plain.labels);
      t.deepEqual(other.instances, plain.instances);
      t.notDeepEqual(other.rgb, plain.rgb);
    }
    // Wear shows on the road.
    const onRoad = plain.labels.reduce(
      (count, label, i) => (label === 0 && worn.rgb[3 * i] !== plain.rgb[3 * i] ? count + 1 : count),
      0,
    );
    t.true(onRoad > 50, `${onRoad} pixels of road look worn`);
  }
});

test('varied streets keep the promises of the truth, name nearly everything, and show fewer people than `wide`', (t) => {
  t.timeout(600_000);
  const people = { varied: 0, wide: 0 };
  let unnamed = 0;
  let pixels = 0;
  for (let seed = 0; seed < 14; seed++) {
    const domain = domainNamed(seed % 3 === 0 ? 'traffic-varied' : 'town-varied');
    const frame = simulateSnapshot({ domain, seed, width: 128, height: 44, supersampling: 1 });
    pixels += frame.labels.length;
    frame.labels.forEach((label, i) => {
      const dynamic = CITYSCAPES_CLASSES[label]?.dynamic === true;
      if ((label === SKY) !== (frame.depthMeters[i] === Number.POSITIVE_INFINITY))
        t.fail(`seed ${seed}: sky`);
      if (!((frame.depthMeters[i] ?? 0) > 0.1)) t.fail(`seed ${seed}: depth ${frame.depthMeters[i]}`);
      if (dynamic !== (frame.instances[i] !== 0)) t.fail(`seed ${seed}: instance of label ${label}`);
      if (label === 255) unnamed++;
    });
    const usual = simulateSnapshot({
      domain: domainNamed('wide'),
      ...{ seed, width: 128, height: 44, supersampling: 1 },
    });
    const count = ({ labels, instances }: SimulatedFrame) =>
      new Set(instances.filter((_, i) => labels[i] === 11)).size;
    people.varied += count(frame);
    people.wide += count(usual);
  }
  t.true(unnamed / pixels < 0.03, `${(100 * unnamed) / pixels} % have no class`);
  t.true(people.varied < people.wide, JSON.stringify(people));
});
