import { mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { explainError } from '../../models/explain-error.js';
import { MessageError } from '../../msgs/errors.js';
import { writeTestBag } from '../nodes/test-bag.js';
import { runRxdepth } from './run-rxdepth.js';

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'rxdepth-surroundings-')));
test.after.always(() => rm(root, { recursive: true, force: true }));

const file = path.join(root, 'file');
writeFileSync(file, 'mine');
const dangling = path.join(root, 'dangling');
symlinkSync('nowhere', dangling);
const loop = path.join(root, 'loop');
symlinkSync('loop', loop);

const HOMES: readonly [what: string, home: string, linuxOnly?: boolean][] = [
  ['a file', file],
  ['a folder below a file', path.join(file, 'below')],
  ['a link that leads nowhere', dangling],
  ['a link to itself', loop],
  // Where nothing can ever be made: Node's recursive mkdir never returns.
  ['in /proc', '/proc/x', true],
];

for (const [what, home, linuxOnly = false] of HOMES) {
  const run = linuxOnly && process.platform !== 'linux' ? test.skip : test;
  for (const args of [['rollback'], ['use', 'rxdepth-lite/0']]) {
    run(`model ${args[0]} ends with the reason where RXDEPTH_HOME is ${what}`, async (t) => {
      const ended = await runRxdepth(['model', ...args], { env: { RXDEPTH_HOME: home } });
      t.is(ended.signal, null, 'it hung');
      t.is(ended.code, 1);
      t.regex(ended.stderr, /^rxdepth: .*\n$/, 'one line');
      t.true(ended.stderr.includes(home), ended.stderr);
      t.is(readFileSync(file, 'utf8'), 'mine');
    });
  }
}

test('adapt ends with the reason where RXDEPTH_HOME cannot be made', async (t) => {
  const drive = await writeTestBag(path.join(root, 'drive'), []);
  const ended = await runRxdepth(['adapt', drive], { env: { RXDEPTH_HOME: path.join(file, 'x') } });
  t.is(ended.code, 1);
  t.regex(ended.stderr, /^rxdepth: .*a file is in the way of this folder; set RXDEPTH_HOME to .*\n$/);
});

const limited = process.platform === 'linux' ? test : test.skip;
limited('too few open files are told at once, whatever would fail for it later', async (t) => {
  const { code, stderr } = await runRxdepth(['replay', 'none'], { shell: 'ulimit -n 64' });
  t.is(code, 1);
  t.regex(
    stderr,
    /^rxdepth: this process may not open more than 64 files at once; expected .*`ulimit -n 4096`\.\n$/,
  );
});

test('what the system refuses is explained in a line, a fault of this project with its stack', (t) => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  t.is(explainError(full, []), 'ENOSPC: no space left on device, write: the disk is full');
  t.is(explainError(new MessageError('expected `x`'), []), 'expected `x`');
  const missing = path.join(os.tmpdir(), 'x');
  const gone = Object.assign(new Error(`ENOENT: no such file or directory, mkdtemp '${missing}'`), {
    ...{ code: 'ENOENT', path: missing },
  });
  t.regex(explainError(gone, []), /TMPDIR names another one\.$/);
  t.regex(explainError(new TypeError('x is not a function'), []), /please report.*\n.*TypeError.*\n\s+at /s);
  t.true(explainError(new MessageError('a'.repeat(1_000_000)), []).length < 21_000);
});
