import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { temporaryFolder } from '../datasets/samples.js';

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

const RUN = fileURLToPath(new URL('./accumulating-run.js', import.meta.url));
const train = (name: string, ...killed: string[]) =>
  promisify(execFile)(process.execPath, [RUN, path.join(folder, name), path.join(folder, 'data'), ...killed]);

/** All files of the checkpoint but for the state, which has times. */
function checkpointOf(name: string): Record<string, string> {
  const at = path.join(folder, name, 'checkpoint');
  const files = readdirSync(at).filter((file) => file !== 'state.json');
  return Object.fromEntries(files.map((file) => [file, readFileSync(path.join(at, file), 'base64')]));
}

test.serial('killed with kill -9 between the batches of one step, a run goes on bit for bit', async (t) => {
  t.timeout(600_000);
  await train('whole');
  // Step 4 has batches 12, 13 and 14; the last checkpoint is of step 4, before them.
  const error = await t.throwsAsync<Error & { readonly signal?: string }>(train('killed', '13'));
  t.is(error?.signal, 'SIGKILL');
  t.notDeepEqual(checkpointOf('killed'), checkpointOf('whole'));
  await train('killed');
  t.deepEqual(checkpointOf('killed'), checkpointOf('whole'));
});
