import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { uploadObject } from '../../msgs/remote/upload-object.js';

/** What makes a folder a bag: it goes last, so that a bag that can be opened is whole. */
const LAST = 'metadata.yaml';

/** Uploads all files of a folder. @param url `s3://bucket/key` that the folder becomes. */
export async function uploadFolder(folder: string, url: string): Promise<void> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort((a, b) => Number(a === LAST) - Number(b === LAST) || (a < b ? -1 : 1));
  for (const name of names)
    await uploadObject(path.join(folder, name), `${url}/${name.split(path.sep).join('/')}`);
}
