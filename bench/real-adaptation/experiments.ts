/** One adaptation after another, each from what the one before left current. */
export interface Experiment {
  /** Of its row, and of its folder. */
  readonly id: string;
  readonly kind: 'one drive' | 'together' | 'in turn';
  readonly seed: number;
  /** Drives of each adaptation. */
  readonly runs: readonly (readonly string[])[];
}

export interface ExperimentChoice {
  readonly drives: readonly string[];
  readonly seeds: readonly number[];
  /** Which of them; all where empty. */
  readonly kinds: readonly string[];
}

/** Every drive by itself and all together for every seed, and with the first seed all orders of one after another. */
export function experimentsOf({ drives, seeds, kinds }: ExperimentChoice): Experiment[] {
  const single = seeds.flatMap((seed) =>
    drives.map((drive): Experiment => ({ id: `${drive}-${seed}`, kind: 'one drive', seed, runs: [[drive]] })),
  );
  const several = drives.length > 1 ? seeds : [];
  const together = several.map(
    (seed): Experiment => ({ id: `together-${seed}`, kind: 'together', seed, runs: [drives] }),
  );
  const turns = several.slice(0, 1).flatMap((seed) =>
    orders(drives).map(
      (order): Experiment => ({
        id: `${order.join('-then-')}-${seed}`,
        ...{ kind: 'in turn', seed, runs: order.map((drive) => [drive]) },
      }),
    ),
  );
  const all = [...single, ...together, ...turns];
  return kinds.length === 0 ? all : all.filter(({ kind }) => kinds.includes(kind));
}

function orders(drives: readonly string[]): string[][] {
  if (drives.length < 2) return [[...drives]];
  return drives.flatMap((first, i) =>
    orders(drives.filter((_, k) => k !== i)).map((rest) => [first, ...rest]),
  );
}
