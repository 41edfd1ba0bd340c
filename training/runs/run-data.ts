import os from 'node:os';
import { median } from '../../vision/median.js';
import { stepsPerEpoch } from '../datasets/batches/batch-maker.js';
import type { BatchesOptions, RoleBatches } from '../datasets/batches/role-batches.js';
import type {
  Preparation,
  PreparedPictures,
  PreparedSource,
  PreparedTarget,
} from '../datasets/prepare/prepared-data.js';
import { StoredSamples } from '../datasets/stores/stored-samples.js';
import { StoredTriplets } from '../datasets/stores/stored-triplets.js';
import { TrainingError } from '../errors.js';
import type { Sizes } from '../ops/assert-shape.js';
import { type BatchCounts, batchCounts } from './batch-counts.js';
import type { Facts, RoleFacts, Size } from './data-role.js';
import type { Method } from './method.js';
import type { RunOptions } from './run-options.js';

/** The data of a run, made ready. */
export interface RunData {
  readonly facts: Facts;
  /** Batches of so many samples in which the first role's are seen once. */
  batchesPerEpoch(counts: BatchCounts): number;
  /** Training samples for batches of these shapes, so many of each role. */
  batches(shapes: readonly Size[], counts: BatchCounts): BatchesOptions;
  /** Held-out samples of a role. */
  heldOut(role: string, size: Size): RoleBatches;
  /** Fields that such batches have. */
  fields(counts: BatchCounts): readonly string[];
}

type Prepared = PreparedSource | PreparedTarget | PreparedPictures;

/**
 * Makes the data of every role ready.
 * @returns undefined when the signal was aborted meanwhile.
 * @throws TrainingError when a role has too few samples for one batch.
 */
export async function prepareRunData(
  method: Method,
  options: RunOptions,
  preparation: Omit<Preparation, 'workers'>,
  saved: Facts,
): Promise<RunData | undefined> {
  const made: Record<string, Prepared | undefined> = {};
  for (const [name, role] of quickFirst(method, options)) {
    made[name] = await role.prepare(options, { ...preparation, workers: os.availableParallelism() });
    if (preparation.signal?.aborted) return undefined;
  }
  const prepared: Record<string, Prepared> = {};
  for (const name of Object.keys(method.data)) if (made[name] !== undefined) prepared[name] = made[name];
  const facts: Record<string, RoleFacts> = {};
  for (const [name, data] of Object.entries(prepared)) facts[name] = saved[name] ?? (await factsOf(data));
  const isTrained = (name: string, counts: BatchCounts) =>
    prepared[name] !== undefined && (counts[name] ?? 0) > 0;
  const roleOf = (name: string, count: number, shapes: readonly Size[], part: 'training' | 'heldOut') =>
    roleBatches(method, options, { name, count, prepared: prepared[name], facts: facts[name] }, shapes, part);
  const [first = ''] = Object.keys(method.data);
  const phases = method.phases(options, facts);
  const least = Math.max(1, ...phases.map((phase) => batchCounts(method, options, phase)[first] ?? 0));
  const count = facts[first]?.count ?? 0;
  if (count < least) {
    throw new TrainingError(
      `role \`${first}\`: expected at least \`${least}\` samples to train on, one batch, got ${count}; give more data, or ask for a smaller batch`,
    );
  }
  return {
    facts,
    batchesPerEpoch: (counts) => stepsPerEpoch(count, counts[first] ?? least),
    batches: (shapes, counts) => ({
      roles: Object.keys(method.data).map((name) =>
        isTrained(name, counts) ? roleOf(name, counts[name] ?? 0, shapes, 'training') : undefined,
      ),
      seed: options.seed,
    }),
    heldOut: (name, size) => roleOf(name, 1, [size], 'heldOut'),
    fields: (counts) =>
      Object.keys(prepared)
        .filter((name) => isTrained(name, counts))
        .flatMap((name) => Object.values(method.data[name]?.names ?? {})),
  };
}

/** Roles, simulated ones last: what is wrong with given data shows before the simulator renders for minutes. */
function quickFirst({ data }: Method, options: RunOptions) {
  const said = new Map<string, unknown>(Object.entries(options));
  const isSimulated = (name: string) => String(said.get(name)).startsWith('simulator:');
  return Object.entries(data).toSorted(([a], [b]) => Number(isSimulated(a)) - Number(isSimulated(b)));
}

/** Data of one role: samples in a batch, and what is there. */
interface RoleData {
  readonly name: string;
  readonly count: number;
  readonly prepared: Prepared | undefined;
  readonly facts: RoleFacts | undefined;
}

function roleBatches(
  method: Method,
  options: RunOptions,
  { name, count: batchSize, prepared, facts }: RoleData,
  phaseShapes: readonly Size[],
  part: 'training' | 'heldOut',
): RoleBatches {
  const role = method.data[name];
  if (role === undefined || prepared === undefined) {
    throw new TrainingError(`${method.name}: there are no data of role \`${name}\``);
  }
  const own = role.size?.(options);
  const shapes = own === undefined ? phaseShapes : phaseShapes.map(() => own);
  const [first = { width: 0, height: 0 }] = shapes;
  if (role.kind === 'labelled' && prepared.kind === 'labelled') {
    const { kind, names } = role;
    const fill = shapes.map((size) => ({
      ...size,
      batchSize,
      ...role.fill(options, { size, first, crop: prepared.crop, facts }),
    }));
    return { kind, names, fill, data: prepared[part] };
  }
  if (role.kind === 'pictures' && prepared.kind === 'pictures') {
    const { kind, names } = role;
    const fill = shapes.map((size) => ({
      ...size,
      batchSize,
      ...role.fill(options, { size, first, crop: prepared.crop, facts }),
    }));
    return { kind, names, fill, data: prepared[part] };
  }
  if (role.kind === 'triplets' && prepared.kind === 'triplets') {
    const { kind, names } = role;
    const fill = shapes.map((size) => ({
      ...size,
      batchSize,
      ...role.fill(options, { size, first, crop: [1, 1], facts }),
    }));
    return { kind, names, fill, data: prepared[part] };
  }
  throw new TrainingError(
    `${method.name}: role \`${name}\` takes ${role.kind}, its data are ${prepared.kind}`,
  );
}

/** Sizes of a batch by letter. @param counts of samples of each role, or the one of all. */
export function letterSizes(
  method: Method,
  options: RunOptions,
  size: Size,
  counts: BatchCounts | number,
): Sizes {
  const sizes: Record<string, number> = { H: size.height, W: size.width };
  for (const [name, role] of Object.entries(method.data)) {
    sizes[role.letter] = typeof counts === 'number' ? counts : (counts[name] ?? 0);
    if (role.kind !== 'labelled') continue;
    const { targetStep } = role.fill(options, { size, first: size, crop: [1, 1] });
    sizes.h = size.height / targetStep;
    sizes.w = size.width / targetStep;
  }
  return { ...sizes, ...method.sizes?.(options, size) };
}

/** Samples that are looked at for what is true of all. */
const SOME_SAMPLES = 300;
const SOME_TRIPLETS = 50;

async function factsOf(prepared: Prepared): Promise<RoleFacts> {
  if (prepared.kind === 'labelled') {
    const source = new StoredSamples(prepared.training);
    const counts = new Array<number>(256).fill(0);
    const focals: number[] = [];
    for (let i = 0; i < Math.min(SOME_SAMPLES, source.count); i++) {
      const { labels, intrinsics } = await source.read(i);
      for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
      focals.push(intrinsics.fx);
    }
    source.close();
    const { width, height } = prepared.training.description;
    return {
      ...{ count: source.count, classCounts: counts.slice(0, 19), stored: { width, height } },
      ...(focals.length > 0 && { focalPixels: median(focals) }),
    };
  }
  if (prepared.kind === 'pictures') return { count: prepared.training.count };
  const triplets = new StoredTriplets(prepared.training);
  const focals: number[] = [];
  for (let i = 0; i < triplets.count; i += Math.ceil(triplets.count / SOME_TRIPLETS)) {
    focals.push((await triplets.read(i)).intrinsics.fx);
  }
  triplets.close();
  return { count: triplets.count, ...(focals.length > 0 && { focalPixels: median(focals) }) };
}
