import { DYNAMIC_CLASSES } from '../../training/losses/dynamic-masks.js';
import type { SimulatedFrame } from '../../training/simulator/frame.js';
import { type Spoil, TruthTeacher } from './truth-teacher.js';

/** Ways to be wrong: from nonsense to what looks right at first sight. */
const SPOILED: Readonly<Record<string, Spoil>> = {
  /** Near for far. */
  swapped: (depth) => depth.map((z) => Math.min(100, 150 / z)),
  /** Far things much too near: 8 m stay, 72 m become 24. */
  squashed: (depth) => depth.map((z) => 8 * Math.sqrt(z / 8)),
  /** What could move is 2.5 times as far as it is. */
  'movers-far': (depth, { labels }) =>
    depth.map((z, i) => (DYNAMIC_CLASSES.includes(labels[i]) ? 2.5 * z : z)),
  /** A third of all depths wrong, in patches. */
  patchy: (depth, { width }, image) =>
    depth.map(
      (z, i) => z * (1 + 0.35 * Math.sin((i % width) / 17 + image) * Math.cos(Math.floor(i / width) / 11)),
    ),
};

/**
 * A teacher for `bench:teaching`; undefined: none.
 * @throws RangeError for a name that there is not.
 */
export function teacherNamed(
  name: string,
  frames: readonly SimulatedFrame[],
): TruthTeacher | string | undefined {
  if (name === 'none') return undefined;
  if (name.startsWith('self')) return name;
  if (name === 'truth') return new TruthTeacher(name, frames, { labels: true });
  const spoil = SPOILED[name];
  if (spoil !== undefined) return new TruthTeacher(name, frames, { spoil });
  throw new RangeError(
    `expected a teacher of \`none, truth, self, ${Object.keys(SPOILED).join(', ')}\`, got \`${name}\``,
  );
}
