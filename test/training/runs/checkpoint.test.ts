import { existsSync } from 'node:fs';
import fs, { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { hasCheckpoint, readCheckpoint, writeCheckpoint } from '../../../training/runs/checkpoint.js';

const filesOf = (version: number) => ({
  'weights.bin': Uint8Array.of(version, version),
  'state.json': `{"version":${version}}`,
});

/** Version of the checkpoint, once both files were found to be of the same one. */
async function versionOf(folder: string): Promise<number> {
  const weights = await readCheckpoint(folder, 'weights.bin');
  const state = JSON.parse(new TextDecoder().decode(await readCheckpoint(folder, 'state.json')));
  if (weights[0] !== state.version || weights.length !== 2) throw new Error('two checkpoints are mixed');
  return state.version;
}

const original = { rm: fs.rm, mkdir: fs.mkdir, open: fs.open, rename: fs.rename };

/** Runs `work`, but from the file operation after `survived` ones on, everything fails, as if the process were gone. */
async function killedAfter(
  survived: number,
  halfRemoved: boolean,
  work: () => Promise<void>,
): Promise<boolean> {
  let left = survived;
  let killed = false;
  const guard = <A extends unknown[], R>(operation: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (left <= 0) {
        const [first] = args;
        // A kill inside a recursive removal leaves part of the folder.
        if (!killed && halfRemoved && (operation as unknown) === original.rm && existsSync(String(first))) {
          const [name] = await readdir(String(first));
          if (name !== undefined) await original.rm(path.join(String(first), name));
        }
        killed = true;
        throw new Error('killed');
      }
      left -= 1;
      return operation(...args);
    };
  };
  fs.rm = guard(original.rm) as typeof fs.rm;
  fs.mkdir = guard(original.mkdir) as typeof fs.mkdir;
  fs.rename = guard(original.rename);
  const open = guard(original.open);
  fs.open = (async (...args: Parameters<typeof fs.open>) => {
    const handle = await open(...args);
    const { writeFile, sync } = handle;
    handle.writeFile = guard(writeFile.bind(handle));
    handle.sync = guard(sync.bind(handle));
    return handle;
  }) as typeof fs.open;
  syncBuiltinESMExports();
  try {
    await work();
  } catch (error) {
    if (!killed) throw error;
  } finally {
    Object.assign(fs, original);
    syncBuiltinESMExports();
  }
  return killed;
}

async function freshFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'rxdepth-checkpoint-'));
}

test.serial(
  'a kill at any moment of a replacement leaves the old or the new checkpoint, whole',
  async (t) => {
    const root = await freshFolder();
    const folder = path.join(root, 'checkpoint');
    let kills = 0;
    for (const halfRemoved of [false, true]) {
      for (let survived = 0, killed = true; killed; survived++) {
        await rm(root, { recursive: true });
        await mkdir(root);
        await writeCheckpoint(folder, filesOf(1));
        killed = await killedAfter(survived, halfRemoved, () => writeCheckpoint(folder, filesOf(2)));
        if (killed) kills += 1;
        t.true(hasCheckpoint(folder));
        const version = await versionOf(folder);
        t.true(killed ? version === 1 || version === 2 : version === 2);
      }
    }
    t.true(kills > 20, 'there is a kill between any two operations');
    await rm(root, { recursive: true });
  },
);

test.serial('a second kill, in the replacement after the first, loses nothing either', async (t) => {
  const root = await freshFolder();
  const folder = path.join(root, 'checkpoint');
  for (let first = 0, firstKilled = true; firstKilled; first++) {
    for (let second = 0, secondKilled = true; secondKilled; second++) {
      await rm(root, { recursive: true });
      await mkdir(root);
      await writeCheckpoint(folder, filesOf(1));
      firstKilled = await killedAfter(first, true, () => writeCheckpoint(folder, filesOf(2)));
      const between = await versionOf(folder);
      secondKilled = await killedAfter(second, true, () => writeCheckpoint(folder, filesOf(3)));
      const version = await versionOf(folder);
      t.true(
        secondKilled ? version === between || version === 3 : version === 3,
        `${first}, ${second}: ${version}`,
      );
    }
  }
  await rm(root, { recursive: true });
});

test.serial('after a kill the next replacement cleans up', async (t) => {
  const root = await freshFolder();
  const folder = path.join(root, 'checkpoint');
  await writeCheckpoint(folder, filesOf(1));
  await killedAfter(12, false, () => writeCheckpoint(folder, filesOf(2)));
  await writeCheckpoint(folder, filesOf(3));
  t.deepEqual(await readdir(root), ['checkpoint']);
  await rm(root, { recursive: true });
});

test.serial('a checkpoint that is not there is an error that names folder and file', async (t) => {
  const root = await freshFolder();
  const folder = path.join(root, 'checkpoint');
  t.false(hasCheckpoint(folder));
  await t.throwsAsync(readCheckpoint(folder, 'state.json'), {
    name: 'TrainingError',
    message: new RegExp(`\`state.json\` from in ${folder}`),
  });
  await writeCheckpoint(folder, filesOf(1));
  await t.throwsAsync(readCheckpoint(folder, 'other.json'), { name: 'TrainingError' });
  await rm(root, { recursive: true });
});
