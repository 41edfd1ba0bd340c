#!/usr/bin/env -S MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1048576 MALLOC_TRIM_THRESHOLD_=4194304 node
// With an arena for every thread, as glibc has by default, memory that one thread gives back is of no use to the others: a long
// replay grew by a tenth and more. As fast with two. The thresholds are fixed since glibc raises them by itself, to 32 and 64 MB
// an arena: what a model that was swapped out had used stayed with the process.
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
