import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type EncoderOrigin, encoderOriginSchema } from '../../models/manifest.js';
import { MANIFEST_FILE } from '../../models/model-store.js';

/**
 * The published weights that the encoder of a run or model folder started from: whoever starts from its weights started
 * from those too.
 * @returns undefined where it started from none, or where the folder does not say.
 */
export async function inheritedEncoder(folder: string | undefined): Promise<EncoderOrigin | undefined> {
  if (folder === undefined) return undefined;
  const options = await jsonOf(path.join(folder, 'options.json'));
  const manifest = await jsonOf(path.join(folder, MANIFEST_FILE));
  const { provenance } = manifest as { provenance?: { encoder?: unknown } };
  return encoderOriginSchema.safeParse((options as { encoder?: unknown }).encoder ?? provenance?.encoder)
    .data;
}

/** What is wrong with a folder is told by whoever reads its weights. */
async function jsonOf(file: string): Promise<object> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
