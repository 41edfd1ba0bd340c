#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072 node
// models/memory-settings.ts says why.
//
// Plain JavaScript, and not in `dist`: npm links executables when it installs, and what is not there then stays a broken link.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dispatcher = new URL('../dist/bin/rxdepth.js', import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
if (existsSync(dispatcher)) {
  await import(dispatcher.href);
} else {
  process.stderr.write(
    `rxdepth: ${root} is not built yet; run \`npm ci && npm run build\` there, then this again\n`,
  );
  process.exitCode = 1;
}
