import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder, writeDurably } from '../../../models/durable-files.js';
import type { ModelRunner } from '../../../models/model-runner.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { makeFolder } from '../../../msgs/files/make-folder.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import type { DriveTriplet } from '../drive/select-triplets.js';
import type { JudgedDrive } from './judged-drive.js';

/** What is kept of a past drive: a few triplets of the part that nobody learned from. */
interface GuardContents {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly intrinsics: readonly Intrinsics[];
  /** Drive of each picture in the store, in threes: previous, target, next. */
  readonly drives: readonly number[];
}

/** Triplets kept of a drive, and drives kept: about 40 MB at 320x96, whatever was driven. */
export const GUARD_TRIPLETS = 12;
export const GUARD_DRIVES = 12;

const CONTENTS = 'guard.json';

/**
 * Keeps a few triplets of a drive that was judged, so that later candidates are judged by it too. A drive of the same name
 * takes its place, the oldest go. Written aside and renamed. To be called by one process at a time.
 */
export async function rememberGuard(root: string, drive: JudgedDrive): Promise<void> {
  const chosen = evenly(drive.triplets, GUARD_TRIPLETS);
  if (chosen.length === 0) return;
  await makeFolder(root);
  const kept = await remembered(root);
  const latest = Math.max(0, ...kept.map(({ entry }) => Number(entry)));
  const entry = String(latest + 1).padStart(6, '0');
  const draft = path.join(root, `.draft-${entry}-${randomBytes(4).toString('hex')}`);
  const { width, height } = drive.store.description;
  const from = SampleStore.open(drive.store.folder, drive.store.description);
  const to = SampleStore.open(draft, describe({ width, height, count: 3 * chosen.length }));
  try {
    for (const [i, { previous, target, next }] of chosen.entries()) {
      for (const [k, index] of [previous, target, next].entries()) to.write(3 * i + k, from.read(index));
    }
  } finally {
    from.close();
    to.close();
  }
  const contents: GuardContents = {
    ...{ name: drive.name, width, height },
    intrinsics: drive.views.map(({ intrinsics }) => intrinsics),
    drives: chosen.map(({ drive: of }) => of),
  };
  await writeDurably(path.join(draft, CONTENTS), `${JSON.stringify(contents, undefined, 2)}\n`);
  await syncFolder(draft);
  await rename(draft, path.join(root, entry));
  const others = kept.filter(({ contents: { name } }) => name !== drive.name);
  const gone = new Set(kept.filter((each) => !others.slice(-(GUARD_DRIVES - 1)).includes(each)));
  for (const each of gone) await rm(path.join(root, each.entry), { recursive: true });
}

/**
 * The drives that are remembered, but those of the given names, seen again by the current parent.
 * @param folder where its depth is kept while the judge needs it.
 */
export async function rememberedGuards(
  root: string,
  except: readonly string[],
  parent: ModelRunner,
  folder: string,
): Promise<JudgedDrive[]> {
  const guards: JudgedDrive[] = [];
  for (const { entry, contents } of await remembered(root)) {
    if (except.includes(contents.name)) continue;
    const { width, height, drives, intrinsics, name } = contents;
    const description = describe({ width, height, count: 3 * drives.length });
    const from = SampleStore.open(path.join(root, entry), description);
    const store = {
      folder: path.join(folder, `past-${entry}`),
      description: { ...description, source: name },
    };
    const { truth: _, ...seen } = store.description;
    const to = SampleStore.open(store.folder, seen);
    try {
      for (let i = 0; i < description.count; i++) {
        const sample = from.read(i);
        const { depth, labels } = await parent.run(sample, sample.intrinsics);
        to.write(i, { ...sample, depthMeters: depth, labels: labels ?? sample.labels });
      }
    } finally {
      from.close();
      to.close();
    }
    guards.push({
      ...{ name, store: { folder: store.folder, description: seen } },
      views: intrinsics.map((each) => ({ width, height, intrinsics: each })),
      triplets: drives.map(
        (drive, i): DriveTriplet => ({
          ...{ previous: 3 * i, target: 3 * i + 1, next: 3 * i + 2, drive },
          ...{ stampNs: BigInt(i), parallaxPixels: Number.NaN },
        }),
      ),
    });
  }
  return guards;
}

interface RememberedGuard {
  readonly entry: string;
  readonly contents: GuardContents;
}

/** The oldest first. Drafts that a kill left are removed. */
async function remembered(root: string): Promise<RememberedGuard[]> {
  if (!existsSync(root)) return [];
  const found: RememberedGuard[] = [];
  for (const entry of (await readdir(root)).sort()) {
    if (entry.startsWith('.draft-')) await rm(path.join(root, entry), { recursive: true });
    const file = path.join(root, entry, CONTENTS);
    if (!/^\d+$/.test(entry) || !existsSync(file)) continue;
    found.push({ entry, contents: JSON.parse(await readFile(file, 'utf8')) as GuardContents }); // as it was written
  }
  return found;
}

/** Only pictures: what a model sees in them is asked of the model that is the parent then. */
function describe(size: {
  readonly width: number;
  readonly height: number;
  readonly count: number;
}): StoreDescription {
  return { source: 'past drive', seed: 0, ...size, truth: false };
}

function evenly<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / most)]);
}
