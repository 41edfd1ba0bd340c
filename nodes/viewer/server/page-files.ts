import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../../models/package-root.js';
import { NodeError } from '../../errors.js';

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** Where `npm run build` puts the page. */
const FOLDER = path.join('dist', 'nodes', 'viewer', 'bundle');

/**
 * The page's files by the path under which they are served. They are read once: no request ever leads to the disk.
 * @throws NodeError when the page was not built.
 */
export function readPageFiles(folder = path.join(packageRoot(), FOLDER)): ReadonlyMap<string, PageFile> {
  if (!existsSync(path.join(folder, 'index.html')))
    throw new NodeError(`the page is not there (${folder}): run \`npm run build\` first`);
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[path.extname(name)];
    if (type === undefined) continue;
    files.set(`/${name}`, { type, bytes: readFileSync(path.join(folder, name)) });
  }
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return files;
}
