import { mkdirSync } from 'node:fs';
import fs, { mkdtemp, rm, stat } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { makeFolder } from '../../../msgs/files/make-folder.js';

test.serial('a folder that another process makes between two looks at it is found made', async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-at-once-'));
  const folder = path.join(root, 'a');
  const look = fs.stat;
  fs.stat = (async (place: string) => {
    try {
      return await look(place);
    } finally {
      if (place === folder) mkdirSync(folder, { recursive: true }); // the other process
    }
  }) as typeof fs.stat; // with the one form of it that is called
  syncBuiltinESMExports();
  try {
    await t.notThrowsAsync(makeFolder(folder));
  } finally {
    fs.stat = look;
    syncBuiltinESMExports();
  }
  t.true((await stat(folder)).isDirectory());
  await rm(root, { recursive: true });
});
