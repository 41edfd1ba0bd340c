import { cos, sin } from '../../exact-math.js';
import type { ObjectFrame } from '../../mesh/frame.js';
import { addBox, addTube } from '../../mesh/shapes.js';
import { MATERIAL } from '../../mesh/surface.js';
import { LABEL, type SceneContext } from '../context.js';
import { srgb, varied } from '../palette.js';
import { addTree } from '../plants.js';

/** A young tree between two to four stakes with cross bars: stakes are poles, the tree is vegetation. */
export function addGuardedSapling(context: SceneContext, frame: ObjectFrame): void {
  const { mesh, random, palette } = context;
  addTree(context, frame, random.uniform(2.6, 6), random.uniform(1.3, 2));
  mesh.use(frame);
  mesh.beginGroup();
  const wood = mesh.surface({
    material: MATERIAL.metal,
    label: LABEL.pole,
    color: varied(
      random,
      palette,
      random.pick([srgb(150, 125, 90), srgb(110, 92, 70), srgb(170, 160, 140)]),
      0.3,
    ),
    seed: random.uint32(),
    params: [0.6, 0, 0],
  });
  const stakes = random.integer(2, 4);
  const height = random.uniform(1.1, 2.1);
  const ring = random.uniform(0.25, 0.5);
  const foot = ring * random.uniform(1, 1.5);
  const turn = random.uniform(0, 6);
  const tops: [number, number, number][] = [];
  for (let k = 0; k < stakes; k++) {
    const angle = turn + (2 * Math.PI * k) / stakes;
    const top: [number, number, number] = [cos(angle) * ring, sin(angle) * ring, height];
    addTube(mesh, wood, [[cos(angle) * foot, sin(angle) * foot, -0.2], top], [0.04, 0.035], { sides: 6 });
    tops.push(top);
  }
  for (let k = 0; k < stakes; k++) {
    const [ax, ay] = tops[k];
    const [bx, by] = tops[(k + 1) % stakes];
    for (const z of random.chance(0.5) ? [height - 0.08] : [height - 0.08, height * 0.5])
      addTube(
        mesh,
        wood,
        [
          [ax, ay, z],
          [bx, by, z],
        ],
        [0.03, 0.03],
        { sides: 5 },
      );
  }
  if (random.chance(0.3))
    addBox(mesh, wood, { x: [-0.1, 0.1], y: [-0.1, 0.1], z: [0.1, random.uniform(0.5, 1.2)] });
  mesh.endGroup();
}
