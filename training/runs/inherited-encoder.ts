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
  const { provenance = {} } = manifest;
  return encoderOriginSchema.safeParse(options.encoder ?? objectOf(provenance).encoder).data;
}

/** What is wrong with a folder is told by whoever reads its weights. */
async function jsonOf(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return objectOf(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}

/** The fields of an object; of anything else there are none. */
function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
