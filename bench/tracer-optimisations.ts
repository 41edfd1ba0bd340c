import { parseArgs } from 'node:util';
import type { CompileOptions, TensorBuffer } from '../training/tracer/compile.js';
import { compileTrainingStep, type TrainingStep } from '../training/tracer/compile-training-step.js';
import { type Layout, orderOf, permuteData, physicalShape } from '../training/tracer/lower/layout.js';
import { ALL_PASSES, type TracerPasses } from '../training/tracer/trace/passes.js';
import { median } from '../vision/median.js';
import { onnxOps } from './tracer/onnx-ops.js';
import { sgdepthWorkload, workloadLoss } from './training/workload.js';

/*
 * What each pass of the tracer brings: SGDepth's training step (loss and all gradients, no optimizer) with every pass,
 * with each one switched off and with none, taking turns in one process.
 *
 *     node tracer-optimisations.js [--preset compact] [--size 320x96] [--targets 2] [--sources 2] [--threads 1] [--rounds 7]
 *       [--onnxruntime all]
 *
 * `--onnxruntime disabled` switches onnxruntime's own graph optimizations off, which undo part of the damage.
 */
const { values: flags } = parseArgs({
  options: {
    preset: { type: 'string', default: 'compact' },
    size: { type: 'string', default: '320x96' },
    targets: { type: 'string', default: '2' },
    sources: { type: 'string', default: '2' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '7' },
    onnxruntime: { type: 'string', default: 'all' },
  },
});
const [width = 320, height = 96] = flags.size.split('x').map(Number);
const [targets, sources, threads, rounds] = [flags.targets, flags.sources, flags.threads, flags.rounds].map(
  Number,
);
const preset = flags.preset === 'paper' ? 'paper' : 'compact';
const workload = sgdepthWorkload({ preset, width, height, targets, sources });

interface Variant {
  readonly name: string;
  readonly step: TrainingStep;
  readonly parameters: Readonly<Record<string, TensorBuffer>>;
  readonly batch: Readonly<Record<string, TensorBuffer>>;
  readonly compileMs: number;
  readonly times: number[];
  /** Processor time, which other processes disturb less. */
  readonly cpuTimes: number[];
  loss: number;
}

/** Without layout propagation everything is fed and fetched row major, as code for NHWC would have it. */
async function variant(name: string, passes: TracerPasses): Promise<Variant> {
  const rowMajor = passes.layoutPropagation === false;
  const layoutOf = (shape: readonly number[], layout: Layout | undefined): Layout =>
    rowMajor || shape.length !== 4 ? 'logical' : (layout ?? 'logical');
  const laidOut = <T extends TensorBuffer>(
    data: T,
    shape: readonly number[],
    layout: Layout | undefined,
  ): T => {
    const order = orderOf(layout, shape.length);
    if (!rowMajor) return data;
    return permuteData(
      data,
      physicalShape(shape, order),
      shape.map((_, axis) => order.indexOf(axis)),
    );
  };
  const filters = (shape: readonly number[]): Layout => (shape.length === 4 ? 'OIHW' : 'logical');
  const options: CompileOptions = {
    threads,
    passes,
    optimization: flags.onnxruntime as CompileOptions['optimization'],
  };
  const begin = performance.now();
  const step = await compileTrainingStep({
    parameters: Object.fromEntries(
      [...workload.parameters].map(([parameter, { spec }]) => [
        parameter,
        {
          shape: spec.shape,
          layout: layoutOf(spec.shape, filters(spec.shape)),
          trainable: spec.trainable,
        },
      ]),
    ),
    batch: Object.fromEntries(
      Object.entries(workload.batch).map(([input, { shape, dtype, layout }]) => [
        input,
        { shape, dtype, layout: layoutOf(shape, layout) },
      ]),
    ),
    loss: (weights, tensors) => workloadLoss(weights, tensors, workload.options),
    options,
  });
  const compileMs = performance.now() - begin;
  return {
    name,
    step,
    parameters: Object.fromEntries(
      [...workload.parameters].map(([parameter, { spec, values }]) => [
        parameter,
        laidOut(values, spec.shape, filters(spec.shape)),
      ]),
    ),
    batch: Object.fromEntries(
      Object.entries(workload.batch).map(([input, { data, shape, layout }]) => [
        input,
        laidOut(data, shape, layout),
      ]),
    ),
    compileMs,
    times: [],
    cpuTimes: [],
    loss: Number.NaN,
  };
}

const off = (passes: readonly string[]): TracerPasses =>
  Object.fromEntries(passes.map((pass) => [pass, false]));
const names = Object.keys(ALL_PASSES);
const variants: Variant[] = [await variant('all', {})];
for (const pass of names) variants.push(await variant(`without ${pass}`, off([pass])));
variants.push(await variant('none', off(names)));

for (let round = 0; round <= rounds; round++) {
  for (const entry of variants) {
    const [begin, cpu] = [performance.now(), process.cpuUsage()];
    entry.loss = (await entry.step.step(entry.parameters, entry.batch)).loss;
    const { user, system } = process.cpuUsage(cpu);
    if (round === 0) continue; // warms up
    entry.times.push(performance.now() - begin);
    entry.cpuTimes.push((user + system) / 1000);
  }
}

const [all] = variants;
const rows = variants.map((entry) => {
  const ops = onnxOps(entry.step.compiled.model);
  return {
    passes: entry.name,
    nodes: ops.length,
    transposes: ops.filter((op) => op === 'Transpose').length,
    modelKb: Math.round(entry.step.compiled.model.length / 1024),
    compileMs: Math.round(entry.compileMs),
    stepMs: Number(median(entry.times).toFixed(1)),
    cpuMs: Number(median(entry.cpuTimes).toFixed(1)),
    ratio: Number((median(entry.times) / median(all?.times ?? [])).toFixed(3)),
    cpuRatio: Number((median(entry.cpuTimes) / median(all?.cpuTimes ?? [])).toFixed(3)),
    loss: Number(entry.loss.toFixed(5)),
  };
});
for (const { step } of variants) await step.close();
console.log(
  `SGDepth ${preset}, ${width}x${height}, ${targets} triplets + ${sources} labelled images, threads: ${threads}, ` +
    `onnxruntime's optimizations: ${flags.onnxruntime}; medians of ${rounds} interleaved steps`,
);
console.table(rows);
console.log(
  JSON.stringify({
    bench: 'tracer-optimisations',
    preset,
    width,
    height,
    threads,
    onnxruntime: flags.onnxruntime,
    rows,
  }),
);
