import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../../msgs/files/make-folder.js';
import type { Sample } from '../../datasets/stores/sample.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import type { Teacher } from './teacher.js';

/** Largest size of all notes in one folder, bytes. Beyond it, the least recently used go. */
const MOST_BYTES = 2 * 2 ** 30;

/**
 * What a teacher said about the pictures of drives, as it said it. Whoever is interrupted, or asks again another night, asks
 * for the rest alone. A picture is known by its pixels, so that no note is taken for that of another one.
 */
export class TeacherNotes {
  readonly #store: SampleStore;
  readonly #missing: Set<number>;

  private constructor(store: SampleStore) {
    this.#store = store;
    this.#missing = new Set(store.missing());
  }

  /** @param frames the store of the pictures: notes have its indices. */
  static async open(root: string, teacher: Teacher, frames: StoreDescription): Promise<TeacherNotes> {
    const { source, width, height, count } = frames;
    const description: StoreDescription = {
      ...{ source: `teacher ${teacher.name} on ${source}`, seed: 0, width, height, count },
      ...(teacher.depth === 'none' && { truth: 'labels' }),
    };
    const key = createHash('sha256')
      .update(JSON.stringify([description, teacher.fingerprint]))
      .digest('hex')
      .slice(0, 16);
    const folder = path.join(root, key);
    await makeFolder(folder);
    const now = new Date();
    await utimes(folder, now, now);
    await tidy(root, key);
    return new TeacherNotes(SampleStore.open(folder, description));
  }

  isWritten(index: number): boolean {
    return !this.#missing.has(index);
  }

  /** Whether the note that is written is about this picture. */
  isOf(index: number, rgb: Uint8Array): boolean {
    return Buffer.compare(this.#store.read(index).rgb, rgb) === 0;
  }

  write(index: number, sample: Sample): void {
    this.#store.write(index, sample);
    this.#missing.delete(index);
  }

  /** The depth as the teacher gave it, and its own labels. */
  read(index: number): Pick<Sample, 'depthMeters' | 'labels'> {
    return this.#store.read(index);
  }

  close(): void {
    this.#store.close();
  }
}

async function tidy(root: string, kept: string): Promise<void> {
  const others = await Promise.all(
    (await readdir(root))
      .filter((name) => name !== kept)
      .map(async (name) => {
        const folder = path.join(root, name);
        const { mtimeMs } = await stat(folder);
        const file = path.join(folder, 'samples.bin');
        // Blocks: a note that was never written takes no room.
        return { folder, mtimeMs, bytes: existsSync(file) ? 512 * (await stat(file)).blocks : 0 };
      }),
  );
  let bytes = 0;
  for (const each of others.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    bytes += each.bytes;
    if (bytes > MOST_BYTES) await rm(each.folder, { recursive: true, force: true });
  }
}
