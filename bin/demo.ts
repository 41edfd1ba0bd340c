import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MEMORY_SETTINGS } from '../models/memory-settings.js';

/**
 * `npm run demo [-- BAG]`: the main job in one command. Without a bag it records a short simulated drive first. Then it
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

process.stderr.write(
  `\nLook at the panels in ${path.join(out, 'pictures')}, or see it in a browser:\n` +
    `$ npx rxdepth view ${path.join(out, 'perception')}\n`,
);

async function run(args: readonly string[]): Promise<void> {
  process.stderr.write(`\n$ npx rxdepth ${args.join(' ')}\n`);
  const env = { ...MEMORY_SETTINGS, ...process.env };
  const child = spawn(process.execPath, [executable, ...args], { stdio: 'inherit', env });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve(status ?? (signal === null ? 1 : 130)));
  });
  if (code !== 0) process.exit(code);
}
