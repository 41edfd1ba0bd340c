import { isDeepStrictEqual } from 'node:util';
import { concatMap, type Subscription } from 'rxjs';
import type { LoadedModel } from '../../models/model-store.js';
import { formatVersionId, type VersionId } from '../../models/versions/version-id.js';
import type { VersionStore } from '../../models/versions/version-store.js';
import { NodeError } from '../errors.js';
import { formatLikeness } from '../perception/engine/likeness.js';
import type { ClosableEngine, Swap, SwappableEngine } from '../perception/engine/swappable-engine.js';
import { goesBack } from '../perception/goes-back.js';
import { watchCurrent } from '../perception/watch-current.js';

export interface FollowOptions {
  readonly store: Pick<VersionStore, 'current' | 'load'>;
  readonly engine: SwappableEngine;
  /** Opens and warms up an engine with a model. */
  readonly open: (model: LoadedModel) => Promise<ClosableEngine>;
  /** Why a model cannot take the place of another, before anything is tried. */
  readonly unfit: (running: LoadedModel, next: LoadedModel) => string | undefined;
  readonly say: (text: string) => void;
  readonly periodMs?: number;
}

/** Keeps an engine at the current version: what is promoted, chosen or rolled back to while it runs is swapped in. */
export class CurrentFollower {
  readonly swaps: Swap[] = [];
  readonly #options: FollowOptions;
  readonly #watching: Subscription;
  #working: Promise<void> = Promise.resolve();

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#watching = watchCurrent(options.store, options.periodMs)
      .pipe(
        concatMap(() => {
          this.#working = this.#takeCurrent();
          return this.#working;
        }),
      )
      .subscribe();
  }

  /** Ends the following and the engine, which ends what is being tried. */
  async stop(): Promise<void> {
    this.#watching.unsubscribe();
    await this.#options.engine.close();
    await this.#working;
  }

  /** Never rejects: a version that cannot be taken is told and left. Others may have come since it was noticed. */
  async #takeCurrent(): Promise<void> {
    const { store, engine, open, unfit, say } = this.#options;
    const running = engine.model;
    let id: VersionId | undefined;
    try {
      id = await store.current();
      const model = await store.load(id);
      if (isDeepStrictEqual(model.manifest, running.manifest)) return;
      const reason = unfit(running, model);
      if (reason !== undefined) throw new NodeError(reason);
      const next = { model, engine: await open(model) };
      const swap = await engine.swap(next, { compare: !goesBack(running.manifest, model.manifest) });
      this.swaps.push(swap);
      say(`${formatVersionId(id)} runs from frame ${swap.frame} on: ${formatLikeness(swap.likeness)}`);
    } catch (error) {
      if (this.#watching.closed) return;
      const name = formatVersionId(running.manifest);
      const current =
        id === undefined ? 'the current version cannot be told' : `${formatVersionId(id)} is current`;
      say(`${current}, but ${name} stays: ${(error as Error).message}`);
    }
  }
}
