import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../models/package-root.js';
import { RECOMPUTATIONS } from '../training/tracer/trace/recompute-activations.js';
import { median } from '../vision/median.js';
import { Contestant } from './training/contestant.js';
import { gradientDifference } from './training/gradient-difference.js';
import { summarizeProfile } from './training/profile-summary.js';
import type { StepTiming, Task } from './training/protocol.js';
import { sgdepthWorkload, WORKLOAD_PRESETS, type WorkloadPreset } from './training/workload.js';
import { encodeWorkload } from './training/workload-file.js';

/*
 * One SGDepth training step, Adam included: compiled into one ONNX graph, against eager TensorFlow.js (wasm, one thread)
 * and, where RXDEPTH_PYTHON names a Python with PyTorch, against the same networks, loss, weights and batch in PyTorch.
 * Every contestant is a process of its own; they take turns.
 *
 *     node training-step.js [--preset paper|compact|efficient|narrow] [--size 640x192] [--targets 1] [--sources 1] [--threads 2] [--rounds 5]
 *       [--backend wasm] [--eager-size 320x96] [--eager-rounds 2] [--eager-warmup 1]
 *       [--recompute none,cheap,all] [--spinning] [--without eager,python,profile]
 *
 * Several values of `--recompute` are compiled steps of their own; the first is the one that the others are compared with.
 * Eager TensorFlow.js is compared at a size of its own, one thread each: its wasm backend has 2 GB of memory and no
 * threads in Node.
 */
const { values: flags } = parseArgs({
  options: {
    preset: { type: 'string', default: 'paper' },
    size: { type: 'string', default: '640x192' },
    targets: { type: 'string', default: '1' },
    sources: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    rounds: { type: 'string', default: '5' },
    'eager-size': { type: 'string', default: '320x96' },
    'eager-rounds': { type: 'string', default: '2' },
    'eager-warmup': { type: 'string', default: '1' },
    backend: { type: 'string', default: 'wasm' },
    recompute: { type: 'string', default: 'none' },
    spinning: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
  },
});
const [recompute = 'none', ...otherRecomputations] = flags.recompute
  .split(',')
  .flatMap((given) => RECOMPUTATIONS.find((what) => what === given) ?? []);
const [width = 640, height = 192] = flags.size.split('x').map(Number);
const without = flags.without.split(',');
const folder = mkdtempSync(path.join(os.tmpdir(), 'rxdepth-training-'));
const task: Task = {
  preset: presetNamed(flags.preset),
  width,
  height,
  targets: Number(flags.targets),
  sources: Number(flags.sources),
  threads: Number(flags.threads),
  backend: flags.backend,
  recompute,
  spinning: flags.spinning,
  learningRate: 1e-4,
};
const [eagerWidth = 320, eagerHeight = 96] = flags['eager-size'].split('x').map(Number);
const EAGER_TASK: Task = { ...task, width: eagerWidth, height: eagerHeight, threads: 1 };

function presetNamed(name: string): WorkloadPreset {
  if (WORKLOAD_PRESETS.includes(name)) return name as WorkloadPreset; // one of its keys
  throw new Error(`--preset: expected one of ${WORKLOAD_PRESETS.join(', ')}, got ${name}`);
}

function startHere(name: string, kind: 'compiled' | 'eager', given: Task): Promise<Contestant> {
  const script = path.join(import.meta.dirname, 'training', 'run-contestant.js');
  return Contestant.start(name, process.execPath, [script, kind, JSON.stringify(given)]);
}

function startPython(python: string): Promise<Contestant> {
  const workload = sgdepthWorkload(task);
  const file = path.join(folder, 'workload.safetensors');
  writeFileSync(file, encodeWorkload(workload));
  const { threads, learningRate } = task;
  const options = JSON.stringify({ ...workload.options, threads, learningRate, channelsLast: false });
  const script = path.join(packageRoot(), 'bench', 'peers', 'sgdepth_step.py');
  return Contestant.start('PyTorch', python, [script, file, options]);
}

interface Result {
  readonly ms: number;
  readonly gradientMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
}

type Results = Record<string, Result>;

/** Medians of the contestants' steps; the first steps, in which memory is claimed, are left out. Ends the contestants. */
async function race(contestants: readonly Contestant[], rounds: number, warmup: number): Promise<Results> {
  const steps = contestants.map((): StepTiming[] => []);
  for (let round = -warmup; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const timing = await contestant.step();
      if (round >= 0) steps[i]?.push(timing);
    }
  }
  const results: Results = {};
  for (const [i, contestant] of contestants.entries()) {
    const of = (key: keyof StepTiming) => Math.round(median((steps[i] ?? []).map((step) => step[key])));
    results[contestant.name] = {
      ms: of('ms'),
      gradientMs: of('gradientMs'),
      cpuMs: of('cpuMs'),
      peakMb: of('peakMb'),
    };
    await contestant.end();
  }
  return results;
}

/** Time by kind of op, of a compiled step with onnxruntime's profile. */
async function profile(): Promise<Record<string, number>> {
  const contestant = await startHere('profile', 'compiled', {
    ...task,
    profilePrefix: path.join(folder, 'profile'),
  });
  for (let i = 0; i < 4; i++) await contestant.step();
  await contestant.end();
  const file = readdirSync(folder).find((name) => name.startsWith('profile')) ?? '';
  const { kinds, ops } = summarizeProfile(readFileSync(path.join(folder, file), 'utf8'), 2);
  console.log('\nwhere the time of the graph goes, milliseconds:');
  const shares = Object.entries(kinds).map(([kind, ms]) => [kind, Math.round(ms)] as const);
  console.table(Object.fromEntries(shares));
  console.table(
    ops.slice(0, 12).map(({ op, ms, count }) => ({ op, ms: Math.round(ms), count: Math.round(count) })),
  );
  return Object.fromEntries(shares);
}

const python = without.includes('python') ? undefined : process.env.RXDEPTH_PYTHON;
if (python === undefined) console.log('PyTorch is left out: RXDEPTH_PYTHON names no Python that has it');
const compiled = await startHere('compiled', 'compiled', task);
const peer = python === undefined ? undefined : await startPython(python);
if (peer !== undefined) {
  const files = [compiled, peer].map(({ name }) => path.join(folder, `${name}.safetensors`));
  await compiled.gradients(files[0] ?? '');
  await peer.gradients(files[1] ?? '');
  const [ours, theirs] = files.map((file) => readFileSync(file));
  const { parameters, overall, ...each } = gradientDifference(
    ours ?? new Uint8Array(),
    theirs ?? new Uint8Array(),
  );
  console.log(
    `gradients of ${parameters} parameters against PyTorch's: ${overall.toExponential(1)} relative over all, ` +
      `median ${each.median.toExponential(1)}, worst ${each.worst.toExponential(1)}`,
  );
}
const contestants = [compiled, peer].filter((contestant) => contestant !== undefined);
for (const what of otherRecomputations) {
  contestants.push(await startHere(`compiled, recompute ${what}`, 'compiled', { ...task, recompute: what }));
}
const results = await race(contestants, Number(flags.rounds), 2);
console.log(`${describe(task)}, medians of ${flags.rounds}`);
console.table(results);
const kinds = without.includes('profile') ? {} : await profile();
let eagerResults: Results = {};
if (!without.includes('eager')) {
  const pair = [
    await startHere('compiled', 'compiled', EAGER_TASK),
    await startHere('eager', 'eager', EAGER_TASK),
  ];
  eagerResults = await race(pair, Number(flags['eager-rounds']), Number(flags['eager-warmup']));
  console.log(`${describe(EAGER_TASK)}, eager backend ${flags.backend}, medians of ${flags['eager-rounds']}`);
  console.table(eagerResults);
}
rmSync(folder, { recursive: true });
console.log(
  JSON.stringify({
    bench: 'training-step',
    ...task,
    results,
    graphMs: kinds,
    eagerSize: flags['eager-size'],
    eagerResults,
    speedAgainstPyTorch: ratio(results.compiled, results.PyTorch),
    speedAgainstEager: ratio(eagerResults.compiled, eagerResults.eager),
  }),
);

function describe({ preset, width, height, targets, sources, threads }: Task): string {
  return (
    `SGDepth with Adam, ${preset} networks, ${width}x${height}, ${targets} triplets + ${sources} labelled images, ` +
    `${threads} thread${threads === 1 ? '' : 's'}`
  );
}

/** How many times as fast `a` is as `b`. */
function ratio(a: Result | undefined, b: Result | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Number((b.ms / a.ms).toFixed(2));
}
