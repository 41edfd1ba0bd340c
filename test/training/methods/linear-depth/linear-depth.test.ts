import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { loadModel } from '../../../../models/model-store.js';
import { linearDepth } from '../../../../training/methods/linear-depth/linear-depth.js';
import { METHODS } from '../../../../training/methods/methods.js';
import { temporaryFolder } from '../../datasets/samples.js';

const RXDEPTH = fileURLToPath(new URL('../../../../bin/rxdepth.js', import.meta.url));
const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

const ARGS = (name: string) => [
  ...['train', 'linear-depth', '-o', path.join(folder, name), '--data-folder', path.join(folder, 'data')],
  ...['--samples', '6', '--validation', '2', '--width', '64', '--height', '32', '--batch', '2'],
  ...['--steps', '40', '--every', '10', '--threads', '1'],
];
const rxdepth = (...args: string[]) => promisify(execFile)(process.execPath, [RXDEPTH, ...args]);

/** Kills a training as soon as it has written its second checkpoint, whatever it does then. */
async function killed(name: string): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [RXDEPTH, ...ARGS(name)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('exit', (_code, signal) => resolve(signal));
  });
  let said = '';
  child.stderr?.on('data', (text) => {
    said += text;
    if (said.includes('step 20: validation')) child.kill('SIGKILL');
  });
  if ((await ended) !== 'SIGKILL') throw new Error(`expected a run that is killed, it said: ${said}`);
}

/** The log without times, the files of the checkpoint and the panels. */
async function left(name: string): Promise<Record<string, string>> {
  const run = path.join(folder, name);
  const [header = '', ...lines] = (await readFile(path.join(run, 'log.csv'), 'utf8')).trim().split('\n');
  const kept = header.split(',').map((column) => !column.endsWith('Ms'));
  const log = lines.map((line) =>
    line
      .split(',')
      .filter((_, i) => kept[i])
      .join(),
  );
  const files = ['checkpoint', 'panels'].flatMap((part) =>
    readdirSync(path.join(run, part))
      .filter((file) => file !== 'state.json')
      .map((file) => path.join(part, file)),
  );
  const contents = files.map((file) => [file, readFileSync(path.join(run, file), 'base64')] as const);
  return { log: log.join('\n'), ...Object.fromEntries(contents) };
}

test.serial(
  'a method of one folder trains, goes on after kill -9 bit for bit, measures itself and is exported',
  async (t) => {
    t.true(METHODS.includes(linearDepth));
    await rxdepth(...ARGS('whole'));
    await killed('killed');
    await t.throwsAsync(rxdepth(...ARGS('killed')), { message: /add --resume/ });
    await rxdepth(...ARGS('killed'), '--resume');
    const whole = await left('whole');
    t.deepEqual(await left('killed'), whole);
    t.deepEqual(Object.keys(whole).filter((file) => file.startsWith('panels')).length, 4);

    const figures = whole.log?.split('\n').filter((line) => line.includes(',validation,')) ?? [];
    const absRel = figures.map((line) => Number(line.split(',').at(-3)));
    t.is(absRel.length, 4);
    t.true((absRel.at(-1) ?? 1) < (absRel[0] ?? 0), `it learns: ${absRel.join(' ')}`);

    const model = path.join(folder, 'whole', 'model');
    const { manifest } = await loadModel(model);
    t.is(manifest.depth.kind, 'inverse-depth');
    t.true(manifest.depth.metric);
    t.is(manifest.provenance.steps, 40);
    t.regex(manifest.provenance.command, /^rxdepth train linear-depth --output RUN .*--steps 40 /);
    const again = path.join(folder, 'again');
    await rxdepth('export', path.join(folder, 'killed'), '-o', again, '--name', 'linear-depth');
    const graph = (at: string) => readFileSync(path.join(at, 'perception.onnx'));
    t.true(graph(again).equals(graph(model)));
  },
);

test.serial('its model is evaluated against truth as any other', async (t) => {
  const report = path.join(folder, 'report.json');
  const model = path.join(folder, 'whole', 'model');
  const data = 'simulator:town-clean?frames=2&width=128&height=64&seed=5';
  await rxdepth(
    'evaluate',
    '--model',
    model,
    '--dataset',
    data,
    '--device',
    'cpu',
    '--crop',
    'none',
    '--json',
    report,
  );
  t.true(existsSync(report));
  const { depth } = JSON.parse(await readFile(report, 'utf8'));
  const [, absRel = 'none'] = /"absRel":([\d.]+)/.exec(JSON.stringify(depth)) ?? [];
  t.true(Number(absRel) > 0 && Number(absRel) < 5, absRel);
});
