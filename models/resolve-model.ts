import { existsSync } from 'node:fs';
import { parseVersionId } from './versions/version-id.js';
import { VersionStore } from './versions/version-store.js';

/**
 * Folder of the model that a user means: a model folder, a version as `NAME/N`, or without either the current version.
 * @throws ModelError when it is a version that cannot be. A folder is not looked at.
 */
export async function resolveModel(text?: string, store = new VersionStore()): Promise<string> {
  if (text === undefined) return await store.currentFolder();
  const id = existsSync(text) ? undefined : parseVersionId(text);
  return id === undefined ? text : await store.folderOf(id);
}
