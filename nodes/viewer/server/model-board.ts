import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BehaviorSubject, type Observable, skip } from 'rxjs';
import { formatVersionId, parseVersionId } from '../../../models/versions/version-id.js';
import type { StoredVersion, VersionStore } from '../../../models/versions/version-store.js';
import { NodeError } from '../../errors.js';
import type { ToPage, WireVersion } from '../page-protocol.js';
import type { ModelChoice } from './model-choice.js';
import { verdictSchema } from './verdict-schema.js';

export interface ModelBoardOptions {
  readonly store: Pick<VersionStore, 'list'>;
  readonly choice: ModelChoice;
  /** `NAME/N` that computes the next frame; empty where none does. */
  readonly running: () => string;
  /** Whether a version that becomes current is swapped in; absent where nobody knows. */
  readonly follows?: () => boolean;
}

/** The versions of models on this machine, and the choice among them. */
export class ModelBoard {
  readonly #options: ModelBoardOptions;
  readonly #changes = new BehaviorSubject(0);

  constructor(options: ModelBoardOptions) {
    this.#options = options;
  }

  /** Emits when the list may be another one. */
  get change$(): Observable<unknown> {
    return this.#changes.pipe(skip(1));
  }

  /** The list may be another one: a model was swapped in. */
  changed(): void {
    this.#changes.next(this.#changes.value + 1);
  }

  async list(): Promise<ToPage & { op: 'models' }> {
    const { store, choice, running, follows } = this.#options;
    const { versions, problems } = await store.list();
    return {
      op: 'models',
      ...{ running: running(), scope: choice.scope, problems },
      ...(follows && { follows: follows() }),
      versions: await Promise.all(versions.map(described)),
    };
  }

  /** @returns what happened, for people. @throws ModelError, NodeError */
  async use(version: string): Promise<string> {
    const id = parseVersionId(version);
    if (id === undefined)
      throw new NodeError(`expected a version as \`NAME/N\`, got ${version.slice(0, 60)}`);
    const outcome = await this.#options.choice.use(id);
    this.changed();
    return outcome;
  }

  /** @returns what happened, for people. @throws ModelError when nothing was before. */
  async rollback(): Promise<string> {
    const outcome = await this.#options.choice.rollback();
    this.changed();
    return outcome;
  }
}

async function described(entry: StoredVersion): Promise<WireVersion> {
  const { method, createdAt, parent } = entry.manifest.provenance;
  const judge = await verdictOf(entry);
  return {
    id: formatVersionId(entry),
    ...{ current: entry.current, shipped: entry.shipped, method, createdAt },
    ...(parent !== undefined && { parent }),
    ...(judge && { judge }),
  };
}

/** Undefined where the version was not judged, or the verdict cannot be read: the version itself is none the worse. */
async function verdictOf({ folder, manifest }: StoredVersion): Promise<WireVersion['judge']> {
  if (manifest.files['judge.json'] === undefined) return undefined;
  try {
    return verdictSchema.parse(JSON.parse(await readFile(path.join(folder, 'judge.json'), 'utf8')));
  } catch {
    return undefined;
  }
}
