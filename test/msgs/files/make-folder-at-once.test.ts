import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { makeFolder } from '../../../msgs/files/make-folder.js';

test('many who make the same folder at once all find it made', async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-at-once-'));
  t.teardown(() => rm(root, { recursive: true }));
  for (let round = 0; round < 40; round++) {
    const folder = path.join(root, String(round), 'a', 'b');
    await Promise.all(Array.from({ length: 12 }, () => makeFolder(folder)));
    t.true((await stat(folder)).isDirectory());
  }
});
