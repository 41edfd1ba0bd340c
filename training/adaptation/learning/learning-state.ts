import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../../msgs/files/make-folder.js';
import type { OptimizerOptions } from '../../optimizers/create-optimizer.js';
import { RunState } from '../../runs/run-state.js';
import type { Parameters } from '../../weights/parameters.js';
import type { PosedTriplet } from './adaptation-batches.js';

export interface LearningStateOptions {
  /** Where learning that was cut short is kept. */
  readonly root: string;
  /** All that decides what is learned, as JSON: another model, other drives or settings begin anew. */
  readonly of: unknown;
  /** Whether to begin anew in any case. */
  readonly restart: boolean;
  /** Parameters of the model under adaptation. */
  readonly parameters: Parameters;
  readonly steps: number;
  /** By the names of the updates; one for `all` where left out. */
  readonly optimizers?: Readonly<Record<string, OptimizerOptions>>;
}

/** Kept at most, 50 MB each for the shipped model. */
const KEPT = 2;
const POSES = 'poses';
/** Adam as adaptation uses it. */
export const ADAPTATION_ADAM = { kind: 'adam', clipNorm: 1 } as const;

/**
 * Learning between two steps, kept from one night to the next: weights, optimizers, poses as they were last found, and how
 * far it got. What goes on from it takes the very steps that learning without a break would have taken.
 */
export class LearningState {
  readonly #folder: string;
  readonly #run: RunState;

  private constructor(folder: string, run: RunState) {
    this.#folder = folder;
    this.#run = run;
  }

  /** What is there of the same learning, or its begin. Of other learning the oldest goes. To be called by one process at a time. */
  static async open({
    root,
    of,
    restart,
    parameters,
    steps,
    optimizers = { all: ADAPTATION_ADAM },
  }: LearningStateOptions): Promise<LearningState> {
    const key = createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 16);
    const folder = path.join(root, key);
    await makeFolder(root);
    if (restart) await forget(folder);
    await tidy(root, key);
    const run = await RunState.open(folder, {
      specs: [...parameters.values()].map(({ spec }) => spec),
      optimizers,
      start: () => ({ parameters }),
    });
    run.plan = [steps];
    return new LearningState(folder, run);
  }

  /** Changed in place by learning. */
  get parameters(): Parameters {
    return this.#run.parameters;
  }

  /** @param update its name. @throws RangeError where the state has none of it. */
  optimizer(update = 'all'): RunState['optimizers'][string] {
    const optimizer = this.#run.optimizers[update];
    if (optimizer === undefined) throw new RangeError(`update \`${update}\` has no optimizer`);
    return optimizer;
  }

  /** Steps taken so far. */
  get step(): number {
    return this.#run.step;
  }

  /** The poses as they were last found; undefined where they were not found again yet. @param triplets with their first poses. */
  poses(triplets: readonly PosedTriplet[]): PosedTriplet[] | undefined {
    const stored = this.#run.host[POSES];
    if (stored === undefined) return undefined;
    const pose = (values: Float32Array, at: number) =>
      Float64Array.from(values.subarray(16 * at, 16 * at + 16));
    return triplets.map((triplet, i) => ({
      ...triplet,
      previousPose: pose(stored.previous, i),
      nextPose: pose(stored.next, i),
    }));
  }

  /** @param renewed poses, where they were found again. */
  async save(step: number, renewed?: readonly PosedTriplet[]): Promise<void> {
    this.#run.step = step;
    if (renewed !== undefined) {
      const flat = (of: 'previousPose' | 'nextPose') =>
        Float32Array.from(renewed.flatMap((each) => [...each[of]]));
      this.#run.host = { [POSES]: { previous: flat('previousPose'), next: flat('nextPose') } };
    }
    await this.#run.save();
  }

  /** All steps are taken: there is nothing to go on with. */
  async remove(): Promise<void> {
    await forget(this.#folder);
  }
}

async function forget(folder: string): Promise<void> {
  for (const each of [folder, `${folder}.old`, `${folder}.new`])
    await rm(each, { recursive: true, force: true });
}

/** Leaves the latest of other learning. */
async function tidy(root: string, key: string): Promise<void> {
  const others: { readonly name: string; readonly at: number }[] = [];
  for (const entry of await readdir(root)) {
    if (!/^[0-9a-f]{16}$/.test(entry) || entry === key || !existsSync(path.join(root, entry))) continue;
    others.push({ name: entry, at: (await stat(path.join(root, entry))).mtimeMs });
  }
  others.sort((a, b) => b.at - a.at);
  for (const { name } of others.slice(KEPT - 1)) await forget(path.join(root, name));
}
