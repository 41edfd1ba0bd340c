import path from 'node:path';
import { listFolderIfThere } from './list-folder.js';

/**
 * Names of the files in a folder, found whatever the case of their letters, as copies by way of other systems write `.PNG`.
 * The exact name wins.
 */
export class FolderNames {
  readonly folder: string;
  /** As they stand there, sorted; none where the folder is missing. */
  readonly names: readonly string[];
  readonly #exact: ReadonlySet<string>;
  readonly #byLowerCase: ReadonlyMap<string, string>;

  constructor(folder: string, names: readonly string[]) {
    this.folder = folder;
    this.names = names;
    this.#exact = new Set(names);
    this.#byLowerCase = new Map(names.map((name) => [name.toLowerCase(), name]));
  }

  /** @throws TrainingError when the folder is there and cannot be read. */
  static async of(folder: string): Promise<FolderNames> {
    return new FolderNames(folder, (await listFolderIfThere(folder)) ?? []);
  }

  /** Path of a file; undefined where it is not there. */
  find(name: string): string | undefined {
    const found = this.#exact.has(name) ? name : this.#byLowerCase.get(name.toLowerCase());
    return found === undefined ? undefined : path.join(this.folder, found);
  }

  /** Where a file should be. */
  placeOf(name: string): string {
    return path.join(this.folder, name);
  }
}
