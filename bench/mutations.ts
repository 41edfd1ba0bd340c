import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { MutantReport } from './mutations/mutant-worker.js';

/** A bag that takes longer hangs: the slowest of ten thousand takes a second. */
const HANG_MS = 120_000;

const { values } = parseArgs({ options: { bags: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(values.bags ?? 10_000);
const firstSeed = Number(values.seed ?? 1_000_000);
if (!(count > 0 && Number.isInteger(firstSeed))) throw new Error('usage: mutations [--bags N] [--seed N]');

interface Row {
  bags: number;
  refused: number;
  lossy: number;
  told: number;
  changed: number;
  silent: number;
}

const rows = new Map<string, Row>();
const failures: string[] = [];
let [untyped, crashes, hangs, slowestMs, peakBytes] = [0, 0, 0, 0, 0];

function take({ seed, outcome, ms }: MutantReport): void {
  const { form, kind, lost, strange, isTold, isSilent, error } = outcome;
  const row = rows.get(form) ?? { bags: 0, refused: 0, lossy: 0, told: 0, changed: 0, silent: 0 };
  rows.set(form, row);
  row.bags += 1;
  if (kind === 'refused') row.refused += 1;
  else if (lost > 0) {
    row.lossy += 1;
    if (isTold) row.told += 1;
    else if (!isSilent) row.changed += 1;
  }
  if (isSilent) row.silent += 1;
  if (kind === 'untyped error') untyped += 1;
  if (isSilent)
    failures.push(`seed ${seed}, ${form}: ${lost} lost, ${strange} strange, nothing said ${error ?? ''}`);
  slowestMs = Math.max(slowestMs, ms);
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}

/** Reads the bags of the seeds from `first` on in a thread of its own; resolves to the next seed to go on with. */
async function readFrom(first: number, folder: string): Promise<number> {
  const end = firstSeed + count;
  const worker = new Worker(new URL('./mutations/mutant-worker.js', import.meta.url), {
    workerData: { first, end, folder },
  });
  let next = first;
  return await new Promise((resolve) => {
    let timer: NodeJS.Timeout;
    const stop = (): void => {
      clearTimeout(timer);
      worker.removeAllListeners();
      void worker.terminate();
    };
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        hangs += 1;
        failures.push(`seed ${next} hangs`);
        stop();
        resolve(next + 1);
      }, HANG_MS);
    };
    watch();
    worker.on('message', (report: MutantReport) => {
      take(report);
      next = report.seed + 1;
      if (next < end) watch();
      else {
        stop();
        resolve(end);
      }
    });
    worker.on('error', (error) => {
      crashes += 1;
      failures.push(`seed ${next} crashes: ${error.message}`);
      stop();
      resolve(next + 1);
    });
  });
}

const folder = await mkdtemp(join(tmpdir(), 'rxdepth-mutations-'));
const beganMs = performance.now();
try {
  for (let seed = firstSeed, run = 0; seed < firstSeed + count; run++)
    seed = await readFrom(seed, join(folder, String(run)));
} finally {
  await rm(folder, { recursive: true, force: true });
}

const columns = ['bags', 'refused', 'lossy', 'told', 'changed', 'silent'] as const;
console.log(`${'form'.padEnd(34)}${columns.map((name) => name.padStart(9)).join('')}`);
const total: Row = { bags: 0, refused: 0, lossy: 0, told: 0, changed: 0, silent: 0 };
for (const [form, row] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
  console.log(`${form.padEnd(34)}${columns.map((name) => String(row[name]).padStart(9)).join('')}`);
  for (const name of columns) total[name] += row[name];
}
console.log(`${'all'.padEnd(34)}${columns.map((name) => String(total[name]).padStart(9)).join('')}`);
console.log(
  'changed: a message was altered in place where the bag has no CRC; silent: a loss that could have been told',
);
for (const failure of failures.slice(0, 50)) console.log(failure);
const seconds = Math.round((performance.now() - beganMs) / 1000);
const figures = {
  untyped,
  crashes,
  hangs,
  slowestMs: Math.round(slowestMs),
  peakMegabytes: Math.round(peakBytes / 1e6),
};
console.log(JSON.stringify({ seed: firstSeed, ...total, ...figures, seconds }));
process.exitCode = failures.length > 0 ? 1 : 0;
