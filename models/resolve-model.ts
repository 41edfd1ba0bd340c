import { existsSync } from 'node:fs';
import { parseVersionId } from './versions/version-id.js';
import { VersionStore } from './versions/version-store.js';

/**
 * Folder of the model that a user means: a model folder, a version as `NAME/N`, or the current version if `text` is absent.
 * @throws ModelError when `text` names a version that does not exist. The function does not open a folder.
 */
export async function resolveModel(text?: string, store = new VersionStore()): Promise<string> {
  if (text === undefined) return await store.currentFolder();
  const id = existsSync(text) ? undefined : parseVersionId(text);
  return id === undefined ? text : await store.folderOf(id);
}
