import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { loadModel } from '../models/model-store.js';
import { resizeModel } from '../training/perception-graph/resize-model.js';

/** A model with another number of pixels, in a folder of its own that goes when the process ends. @returns its folder. */
export async function resizedParent(model: string, pixels: number): Promise<string> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-parent-'));
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const folder = path.join(scratch, 'parent');
  await resizeModel(await loadModel(model), { folder }, pixels);
  return folder;
}
