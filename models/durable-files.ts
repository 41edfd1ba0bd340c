import { open, rename } from 'node:fs/promises';
import path from 'node:path';

/** Writes a file and waits until its content is on the disk; its name is durable after `syncFolder`. */
export async function writeDurably(file: string, content: Uint8Array | string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a folder durable: files created, renamed, removed. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a file as a whole: after a kill at any moment the old content is there, or the new one, complete. */
export async function replaceFile(file: string, content: Uint8Array | string): Promise<void> {
  const fresh = `${file}.new`;
  await writeDurably(fresh, content);
  await rename(fresh, file);
  await syncFolder(path.dirname(file));
}
