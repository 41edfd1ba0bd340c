import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { type TestModelOptions, writeTestModel } from '../../test-model.js';

/** The test model in a folder that goes with the test. */
export async function scratchModel(t: ExecutionContext, options: TestModelOptions = {}): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-ros-model-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return await writeTestModel(path.join(folder, 'model'), options);
}
