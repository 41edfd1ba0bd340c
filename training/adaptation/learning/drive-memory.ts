import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../../msgs/files/make-folder.js';
import type { Sample } from '../../datasets/stores/sample.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';

/** Pictures of drives that were adapted to, with the depth and the classes that the promoted model saw in them. */
export interface DriveMemory {
  readonly folder: string;
  /** `count` is the number of pictures. */
  readonly description: StoreDescription;
  /** In the order of the pictures. */
  readonly drives: readonly RememberedDrive[];
}

export interface RememberedDrive {
  readonly name: string;
  readonly count: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pictures kept of all drives together: 20 MB at 320x96, whatever was driven. */
export const MEMORY_SIZE = 96;

const CONTENTS = 'contents.json';
const DRAFT = 'contents.draft.json';

/**
 * The memory of pictures of one size; undefined where there is none yet. Drafts that were never committed are removed, so
 * that this is to be called by one process at a time.
 */
export async function openMemory(root: string, size: Size): Promise<DriveMemory | undefined> {
  const complete: string[] = [];
  for (const entry of await generations(root, size)) {
    if (existsSync(path.join(entry, CONTENTS))) complete.push(entry);
    else await rm(entry, { recursive: true });
  }
  const folder = complete.pop();
  for (const old of complete) await rm(old, { recursive: true });
  return folder === undefined ? undefined : await read(folder, CONTENTS);
}

/**
 * Writes the memory that has a new drive in it beside the one that there is. Every drive has an equal share, taken evenly
 * over its length. A drive of a name that is there already takes its place. Counts from `commitMemory` on.
 * @param frames how many pictures of the new drive there are to choose from. @param frame gives one of them.
 */
export async function draftMemory(
  root: string,
  size: Size,
  drive: { readonly name: string; readonly frames: number; frame(index: number): Promise<Sample> },
): Promise<DriveMemory> {
  const before = await openMemory(root, size);
  const kept = keptDrives(before?.drives ?? [], drive.name);
  const share = Math.floor(MEMORY_SIZE / (kept.length + 1));
  const counts = kept.map(({ count }) => Math.min(share, count));
  const added = Math.min(share, drive.frames);
  const description = describe(size, counts.reduce((a, b) => a + b, 0) + added);
  const folder = path.join(root, sizeName(size), String(generationOf(before?.folder) + 1).padStart(6, '0'));
  await makeFolder(folder);
  const store = SampleStore.open(folder, description);
  try {
    let at = 0;
    if (before !== undefined) {
      const from = SampleStore.open(before.folder, before.description);
      for (const [i, { first, count }] of kept.entries()) {
        for (const index of evenly(counts[i], count)) store.write(at++, from.read(first + index));
      }
      from.close();
    }
    for (const index of evenly(added, drive.frames)) store.write(at++, await drive.frame(index));
  } finally {
    store.close();
  }
  const drives = [
    ...kept.map(({ name }, i) => ({ name, count: counts[i] })),
    { name: drive.name, count: added },
  ];
  await writeFile(path.join(folder, DRAFT), `${JSON.stringify({ ...size, drives }, undefined, 2)}\n`);
  return { folder, description, drives };
}

/** Makes a draft the memory; a kill before leaves the one before. */
export async function commitMemory({ folder }: DriveMemory): Promise<void> {
  await rename(path.join(folder, DRAFT), path.join(folder, CONTENTS));
}

/** Those drives that stay, with their place; the latest where there are too many. */
function keptDrives(
  drives: readonly RememberedDrive[],
  replaced: string,
): (RememberedDrive & { readonly first: number })[] {
  let first = 0;
  const placed = drives.map((drive) => {
    const at = first;
    first += drive.count;
    return { ...drive, first: at };
  });
  return placed.filter(({ name }) => name !== replaced).slice(-(MEMORY_SIZE - 1));
}

function evenly(count: number, of: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * of) / count));
}

function sizeName({ width, height }: Size): string {
  return `${width}x${height}`;
}

function describe({ width, height }: Size, count: number): StoreDescription {
  return { source: 'drives', seed: 0, width, height, count };
}

/** Folders of all generations, the oldest first. */
async function generations(root: string, size: Size): Promise<string[]> {
  const parent = path.join(root, sizeName(size));
  if (!existsSync(parent)) return [];
  return (await readdir(parent)).sort().map((entry) => path.join(parent, entry));
}

function generationOf(folder: string | undefined): number {
  return folder === undefined ? 0 : Number(path.basename(folder));
}

async function read(folder: string, file: string): Promise<DriveMemory> {
  const contents = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as Size & {
    readonly drives: readonly RememberedDrive[];
  }; // as draftMemory wrote it
  const { drives } = contents;
  const count = drives.reduce((sum, drive) => sum + drive.count, 0);
  return { folder, description: describe(contents, count), drives };
}
