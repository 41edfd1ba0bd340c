import { readlinkSync } from 'node:fs';
import fs, { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { VersionStore } from '../../../models/versions/version-store.js';
import { writeTestModel } from '../../nodes/test-model.js';

/** What reaches the disk while `work` runs, in order: `sync PATH` and `rename FROM -> TO`. */
async function diskEvents(work: () => Promise<unknown>): Promise<string[]> {
  const events: string[] = [];
  const handle = await open(os.tmpdir(), 'r');
  const prototype = Object.getPrototypeOf(handle) as { sync(this: { fd: number }): Promise<void> };
  await handle.close();
  const { sync } = prototype;
  const { rename } = fs;
  prototype.sync = async function (this: { fd: number }) {
    events.push(`sync ${readlinkSync(`/proc/self/fd/${this.fd}`)}`);
    return await sync.call(this);
  };
  fs.rename = async (from, to) => {
    events.push(`rename ${from} -> ${to}`);
    return await rename(from, to);
  };
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    prototype.sync = sync;
    fs.rename = rename;
    syncBuiltinESMExports();
  }
  return events;
}

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  "a promoted version's files and folder are on the disk before its name is, and the choice after it",
  async (t) => {
    const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-durable-'));
    try {
      const model = path.join(root, 'model');
      await writeTestModel(model);
      const home = path.join(root, 'home');
      const store = new VersionStore({ home, shipped: model });
      const events = await diskEvents(() => store.promote(model, { name: 'test', version: 0 }));
      const place = path.join(home, 'test', '1');
      const appears = events.findIndex(
        (event) => event.startsWith('rename') && event.endsWith(` -> ${place}`),
      );
      t.true(appears > 0, events.join('\n'));
      const [, staged = ''] = /^rename (.*) -> /.exec(events[appears] ?? '') ?? [];
      const before = events.slice(0, appears);
      for (const name of await readdir(place)) {
        t.true(
          before.includes(`sync ${path.join(staged, name)}`),
          `${name} was synced before its folder got its name`,
        );
      }
      t.true(before.includes(`sync ${staged}`), 'the names in the staged folder were synced');
      const after = events.slice(appears + 1);
      const named = after.indexOf(`sync ${path.join(home, 'test')}`);
      const chosen = after.findIndex((event) => event.endsWith(` -> ${path.join(home, 'current')}`));
      t.true(named >= 0 && chosen > named, 'the version is found after a power cut before it is chosen');
      const draft = /^rename (.*) -> /.exec(after[chosen] ?? '')?.[1];
      t.true(
        after.slice(0, chosen).includes(`sync ${draft}`),
        'the choice was synced before it got its name',
      );
      t.true(after.slice(chosen + 1).includes(`sync ${home}`), 'and its name behind it');
    } finally {
      await rm(root, { recursive: true });
    }
  },
);
