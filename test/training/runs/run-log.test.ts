import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { RunLog } from '../../../training/runs/run-log.js';
import type { StepReport } from '../../../training/runs/trainer.js';

const LOG_COLUMNS = {
  steps: ['depth', 'segmentation'],
  validations: ['absRel', 'absRelMedianScaled', 'delta1', 'meanIou'],
};

const report = (step: number): StepReport => ({
  step,
  loss: 0.5 / step,
  metrics: { depth: 0.25, segmentation: 2 },
  updates: {},
  learningRate: 1e-3,
  computeMs: 1234.5678,
  waitMs: 0.125,
});

async function logFile(): Promise<string> {
  return path.join(await mkdtemp(path.join(tmpdir(), 'rxdepth-log-')), 'log.csv');
}

async function rows(file: string): Promise<string[][]> {
  return (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
}

test('every step and validation is a row with as many cells as the header', async (t) => {
  const file = await logFile();
  const log = await RunLog.open(file, 0, LOG_COLUMNS);
  log.add(report(1));
  log.validation(1, { absRel: 0.125, absRelMedianScaled: 0.1, delta1: 0.9, meanIou: 0.5 });
  await log.flush();
  log.add(report(2));
  await log.close();
  const [header = [], ...lines] = await rows(file);
  t.true(lines.every((line) => line.length === header.length));
  const cell = (line: number, name: string) => lines[line]?.[header.indexOf(name)];
  t.deepEqual([cell(0, 'step'), cell(1, 'step'), cell(2, 'step')], ['1', '1', '2']);
  t.deepEqual([cell(0, 'kind'), cell(1, 'kind')], ['train', 'validation']);
  t.is(Number(cell(2, 'loss')), 0.25);
  t.is(Number(cell(0, 'computeMs')), 1234.57);
  t.is(Number(cell(1, 'absRel')), 0.125);
  t.is(Number(cell(1, 'meanIou')), 0.5);
  t.is(cell(1, 'loss'), '');
  await rm(path.dirname(file), { recursive: true });
});

test('what steps and validations both report has one column', async (t) => {
  const file = await logFile();
  const log = await RunLog.open(file, 0, { steps: ['overlap'], validations: ['absRel', 'overlap'] });
  log.add({ ...report(1), metrics: { overlap: 0.25 } });
  log.validation(1, { absRel: 0.5, overlap: 0.75 });
  await log.close();
  t.deepEqual(await rows(file), [
    ['step', 'kind', 'loss', 'overlap', 'learningRate', 'computeMs', 'waitMs', 'absRel'],
    ['1', 'train', '0.500000', '0.250000', '0.00100000', '1234.57', '0.125000', ''],
    ['1', 'validation', '', '0.75000', '', '', '', '0.50000'],
  ]);
  await rm(path.dirname(file), { recursive: true });
});

test('a resumed run drops what was written after its checkpoint and goes on', async (t) => {
  const file = await logFile();
  const first = await RunLog.open(file, 0, LOG_COLUMNS);
  for (const step of [1, 2, 3, 4]) first.add(report(step));
  await first.close();
  const second = await RunLog.open(file, 2, LOG_COLUMNS);
  second.add(report(3));
  await second.close();
  t.deepEqual(
    (await rows(file)).map(([step]) => step),
    ['step', '1', '2', '3'],
  );
  const fresh = await RunLog.open(file, 0, LOG_COLUMNS);
  await fresh.close();
  t.deepEqual(
    (await rows(file)).map(([step]) => step),
    ['step'],
  );
  await rm(path.dirname(file), { recursive: true });
});

test('a line that a kill cut off is dropped, and the next one starts on its own line', async (t) => {
  const file = await logFile();
  const first = await RunLog.open(file, 0, LOG_COLUMNS);
  first.add(report(1));
  await first.close();
  await appendFile(file, '12'); // the beginning of step 1234
  const second = await RunLog.open(file, 2000, LOG_COLUMNS);
  second.add(report(2));
  await second.close();
  t.deepEqual(
    (await rows(file)).map(([step]) => step),
    ['step', '1', '2'],
  );
  await writeFile(file, '');
  await (await RunLog.open(file, 5, LOG_COLUMNS)).close();
  t.deepEqual(
    (await rows(file)).map(([step]) => step),
    ['step'],
    'an empty file gets its header',
  );
  await rm(path.dirname(file), { recursive: true });
});

test('the summary averages the last hundred steps', async (t) => {
  const file = await logFile();
  const log = await RunLog.open(file, 0, LOG_COLUMNS);
  for (let step = 1; step <= 150; step++) log.add({ ...report(step), loss: step <= 50 ? 1e9 : 3 });
  const text = log.summary(150, 300, 0, performance.now() - 90_000);
  t.regex(
    text,
    /^step 150\/300 {2}loss 3\.0000 {2}depth 0\.2500 {2}segmentation 2\.0000 {2}1235 ms a step \(\+0 waiting\)/,
  );
  t.regex(text, /1 min (29|30|31) s left/);
  await log.close();
  await rm(path.dirname(file), { recursive: true });
});

test('a log that cannot be read is an error, not an empty log', async (t) => {
  const folder = path.dirname(await logFile());
  await t.throwsAsync(RunLog.open(folder, 0, LOG_COLUMNS), { code: 'EISDIR' });
  await rm(folder, { recursive: true });
});
