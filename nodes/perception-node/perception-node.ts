import { isDeepStrictEqual } from 'node:util';
import { type Observable, Subject, type Subscription } from 'rxjs';
import { type LoadedModel, loadModel } from '../../models/model-store.js';
import { resolveModel } from '../../models/resolve-model.js';
import { slowInt8 } from '../../models/slow-int8.js';
import { formatVersionId } from '../../models/versions/version-id.js';
import { VersionStore } from '../../models/versions/version-store.js';
import { findNodeAv } from '../../msgs/video/load-node-av.js';
import { NodeError } from '../errors.js';
import { formatLikeness } from '../perception/engine/likeness.js';
import { goesBack } from '../perception/goes-back.js';
import { watchCurrent } from '../perception/watch-current.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import { LifecycleBond } from './lifecycle-bond.js';
import {
  type LoadedPerception,
  openEngine,
  openPerception,
  perceptionOf,
  type SettingsOf,
  wantsFor,
} from './loaded-perception.js';
import { loadModelNow } from './model-loader.js';
import { NodeDiagnostics, type Report } from './node-diagnostics.js';
import { offeredQos } from './offered-qos.js';
import { applyParameters, notLive, type Parameters } from './parameters.js';
import { PerceptionRun } from './perception-run.js';

/** How a transition ended; a failed one leaves the state as it was. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface ModelChange {
  readonly success: boolean;
  readonly message: string;
  readonly model_name: string;
  readonly model_version: string;
}

const DONE: Outcome = { ok: true };
/** How long a new model waits for frames to be tried on while frames are expected, milliseconds. */
const TRIAL_MS = 2000;

/**
 * The perception node without its process: transitions, parameters and models. Transitions are synchronous, as
 * rclnodejs has them; `configure` blocks until the model is warmed up.
 */
export class PerceptionNode {
  readonly #ros: RosNode;
  readonly #store: VersionStore;
  #parameters: Parameters;
  /** Values that could not be taken at the start, by parameter: they have to be set right before `configure`. */
  readonly #wrong: Map<string, string>;
  #loaded: LoadedPerception | undefined;
  #run: PerceptionRun | undefined;
  #following: Subscription | undefined;
  readonly #diagnostics: NodeDiagnostics;
  readonly #bond: LifecycleBond;
  readonly #change$ = new Subject<void>();
  /** Why the last transition failed. */
  #failure: string | undefined;
  #changing: Promise<unknown> = Promise.resolve();
  /** What was let go and is still closing. */
  #closing: Promise<unknown> = Promise.resolve();

  constructor(
    ros: RosNode,
    parameters: Parameters,
    wrong: ReadonlyMap<string, string> = new Map(),
    store = new VersionStore(),
  ) {
    this.#ros = ros;
    this.#parameters = parameters;
    this.#wrong = new Map(wrong);
    this.#store = store;
    this.#diagnostics = new NodeDiagnostics(ros, () => this.#report());
    this.#bond = new LifecycleBond(ros);
  }

  get parameters(): Parameters {
    return this.#parameters;
  }

  /** Undefined while the node is not configured. */
  get model(): LoadedModel | undefined {
    return this.#loaded?.model;
  }

  /** Emits after every transition, also one that failed, and after every change of the model. */
  get change$(): Observable<void> {
    return this.#change$;
  }

  get state(): 'unconfigured' | 'inactive' | 'active' {
    if (this.#run === undefined) return 'unconfigured';
    return this.#run.active ? 'active' : 'inactive';
  }

  /** Loads and warms up the model, announces the topics. */
  configure(): Outcome {
    return this.#transition('configure', () => {
      if (this.#wrong.size > 0) throw new NodeError([...this.#wrong.values()].join('; '));
      const { model, configure_timeout, compressed, video } = this.#parameters;
      if (compressed && video !== 'none')
        throw new NodeError('`compressed` and `video` exclude each other: set one of them');
      if (video !== 'none') findNodeAv();
      const found = loadModelNow(model, configure_timeout * 1000);
      this.#use(openPerception(found, this.#parameters, this.#settings));
      const { manifest } = this.#model;
      this.#ros.log.info(`configured with model ${formatVersionId(manifest)} (${this.#model.folder})`);
      // Where the engine did not open, its own error says why.
      this.#loaded?.facts.then(
        ({ provider }) => {
          const slow = slowInt8(manifest, provider);
          if (slow !== undefined) this.#ros.log.warn(`model ${formatVersionId(manifest)}: ${slow}`);
        },
        () => {},
      );
    });
  }

  activate(): Outcome {
    return this.#transition('activate', () => {
      this.#run?.start();
      if (this.#parameters.bond) this.#bond.begin();
    });
  }

  deactivate(): Outcome {
    return this.#transition('deactivate', () => {
      this.#bond.end();
      this.#run?.stop();
    });
  }

  cleanup(): Outcome {
    return this.#transition('cleanup', () => this.#letGo());
  }

  /** Ends everything; resolves when the engine is closed. */
  async shutdown(): Promise<void> {
    this.#diagnostics.end();
    this.#bond.end();
    this.#letGo();
    await this.#closing;
  }

  /**
   * Takes all changes or none.
   * @returns why they are refused
   */
  change(changes: ReadonlyMap<string, unknown>): string | undefined {
    const applied = applyParameters(this.#parameters, changes);
    if ('problems' in applied) return [...applied.problems.values()].join('; ');
    const late = this.#run === undefined ? [] : notLive(changes.keys());
    const changed = late.filter((name) => changes.get(name) !== this.#parameters[name as keyof Parameters]);
    if (changed.length > 0) {
      return `${changed.map((name) => `\`${name}\``).join(', ')} can only be set while the node is unconfigured: run \`ros2 lifecycle set ${this.#ros.name} cleanup\` first`;
    }
    this.#parameters = applied.values;
    for (const name of changes.keys()) this.#wrong.delete(name);
    return undefined;
  }

  /** Swaps the model between two frames; the running one stays when the other cannot run. One change at a time. */
  loadModel(model: string): Promise<ModelChange> {
    return this.#change(async () => {
      const found = await loadModel(await resolveModel(model === '' ? undefined : model, this.#store));
      await this.#swap(found, !goesBack(this.#model.manifest, found.manifest));
    });
  }

  /** Goes back to the version that was current before, and loads it. */
  rollback(): Promise<ModelChange> {
    return this.#change(async () => {
      if (this.#run === undefined) throw new NodeError('the node is not configured');
      const { to } = await this.#store.rollback();
      await this.#swap(await this.#store.load(to), false);
    });
  }

  get #model(): LoadedModel {
    if (this.#loaded === undefined) throw new NodeError('the node is not configured');
    return this.#loaded.model;
  }

  #transition(name: string, work: () => void): Outcome {
    try {
      work();
      this.#failure = undefined;
      return DONE;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failure = `${name} failed: ${reason}`;
      this.#ros.log.error(this.#failure);
      return { ok: false, reason };
    } finally {
      this.#change$.next();
    }
  }

  #report(): Report {
    const ofRun = this.#run?.report() ?? { state: 'unconfigured', frameId: '', episodes: [] };
    const wrong = this.#wrong.size > 0 ? [...this.#wrong.values()].join('; ') : undefined;
    const failure = this.#failure ?? wrong;
    // What a running node says of itself is newer.
    return failure === undefined ? ofRun : { failure, ...ofRun };
  }

  #settings: SettingsOf = (of) => ({
    wants: wantsFor(of, this.#parameters, (topic) => this.#ros.listenersOf(topic)),
  });

  #use(loaded: LoadedPerception): void {
    this.#loaded = loaded;
    for (const output of loaded.outputs) this.#ros.announce(output, offeredQos(output, this.#parameters));
    this.#run = new PerceptionRun({ ros: this.#ros, loaded, parameters: () => this.#parameters });
    if (this.#parameters.model === '') this.#following = this.#follow();
  }

  /** The first version is the one that runs already, unless another became current meanwhile. */
  #follow(): Subscription {
    return watchCurrent(this.#store).subscribe(() => {
      if (this.#parameters.follow) void this.loadModel('');
    });
  }

  #letGo(): void {
    this.#following?.unsubscribe();
    this.#run?.end();
    this.#run = undefined;
    const loaded = this.#loaded;
    this.#loaded = undefined;
    if (loaded === undefined) return;
    for (const { topic } of loaded.outputs) this.#ros.withdraw(topic);
    this.#closing = Promise.all([this.#closing, loaded.engine.close()]);
  }

  /**
   * The new engine is opened beside the running one; nothing changes before it is warmed up and has been tried.
   * @param compare whether it has to resemble the running one
   */
  async #swap(model: LoadedModel, compare: boolean): Promise<void> {
    const old = this.#loaded;
    if (old === undefined) throw new NodeError('the node is not configured');
    if (isDeepStrictEqual(model.manifest, old.model.manifest)) return;
    const engine = await openEngine(model, this.#parameters);
    if (this.#loaded !== old) {
      await engine.close();
      throw new NodeError('the node was cleaned up meanwhile');
    }
    const loaded = perceptionOf(model, this.#parameters, Promise.resolve(engine), this.#settings);
    if (isDeepStrictEqual(loaded.topics, old.topics)) {
      const patienceMs = this.#run?.busy ? TRIAL_MS : 0;
      const { likeness } = await old.engine.swap({ engine, model }, { compare, patienceMs });
      this.#loaded = { ...loaded, engine: old.engine };
      this.#run?.modelChanged(this.#loaded);
      this.#ros.log.info(`${formatVersionId(model.manifest)} runs: ${formatLikeness(likeness)}`);
      return;
    }
    // A model that offers other topics (no segmentation, no metres).
    const active = this.state === 'active';
    this.#letGo();
    this.#use(loaded);
    if (active) this.#run?.start();
  }

  #change(work: () => Promise<void>): Promise<ModelChange> {
    const change = this.#changing.then(async (): Promise<ModelChange> => {
      let problem: string | undefined;
      try {
        await work();
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
      }
      const manifest = this.#loaded?.model.manifest;
      const running = manifest === undefined ? 'no model' : formatVersionId(manifest);
      if (problem !== undefined) this.#ros.log.error(`the model stays ${running}: ${problem}`);
      this.#change$.next();
      return {
        success: problem === undefined,
        message: problem ?? `${running} runs`,
        model_name: manifest?.name ?? '',
        model_version: manifest === undefined ? '' : String(manifest.version),
      };
    });
    this.#changing = change;
    return change;
  }
}
