import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `npm run demo [-- BAG]`: the main job in one command. Without a bag it records a short simulated drive first; then it
 * replays the drive through the shipped model, as the two commands that it prints.
 */
const executable = fileURLToPath(new URL('./rxdepth.js', import.meta.url));
const [given] = process.argv.slice(2);
const out = path.resolve('out', 'demo');

let bag = given;
if (bag === undefined) {
  bag = path.join(out, 'drive');
  await run([
    'simulate',
    '-o',
    bag,
    '--domain',
    'town-camera',
    '--frames',
    '60',
    '--seed',
    '7',
    '--overwrite',
  ]);
}
await run([
  'replay',
  bag,
  '-o',
  path.join(out, 'perception'),
  '--pictures',
  path.join(out, 'pictures'),
  '--overwrite',
]);

async function run(args: readonly string[]): Promise<void> {
  process.stderr.write(`\n$ npx rxdepth ${args.join(' ')}\n`);
  // As the first line of bin/rxdepth.mjs says for those who start it themselves.
  const memory = {
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '1048576',
    MALLOC_TRIM_THRESHOLD_: '4194304',
  };
  const env = { ...process.env, ...memory };
  const child = spawn(process.execPath, [executable, ...args], { stdio: 'inherit', env });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve(status ?? (signal === null ? 1 : 130)));
  });
  if (code !== 0) process.exit(code);
}
