import path from 'node:path';
import { type BatchArrays, checkRanges } from '../datasets/batches/batch-schema.js';
import { loadBatches } from '../datasets/batches/load-batches.js';
import { TrainingError } from '../errors.js';
import { batchCounts } from './batch-counts.js';
import { batchesPerStep } from './batches-per-step.js';
import { chooseEngine } from './engine.js';
import type { HealthMonitor } from './health/health-monitor.js';
import type { HostState } from './host-state.js';
import { measuredSteps } from './measured-steps.js';
import { hostsOf } from './phase-hosts.js';
import { inspectionOf, validatorOf } from './phase-inspection.js';
import type { PhaseRun } from './phase-run.js';
import { compileUpdates, computeUpdate } from './phase-updates.js';
import { checkpointOf } from './run-setup.js';
import type { RunState } from './run-state.js';
import { HEALTH, saveRun } from './save-run.js';
import { train } from './trainer.js';

/** Trains one phase, from where the state is to the phase's end or the signal. */
export async function runPhase(phaseRun: PhaseRun): Promise<void> {
  const { method, run, state, data, log, health, phase, first } = phaseRun;
  const { options, signal } = run;
  const [size] = phase.shapes;
  if (size === undefined)
    throw new TrainingError(`${method.name}: a phase has at least one shape of pictures`);
  const engine = await chooseEngine(run, (line) => run.report(line));
  const updates = await compileUpdates(phaseRun, engine);
  const validator = await validatorOf(phaseRun, size);
  let hosts: readonly HostState[] = [];
  try {
    if (state.plan.length === 0) state.plan = [await measuredSteps(phaseRun, updates)];
    const { steps } = state;
    const phaseSteps = state.plan[phaseRun.at] ?? 0;
    const end = first + phaseSteps;
    if (state.step === first) {
      // What is forgotten here is what tells that the weights are not sound.
      const suspicion = health.suspicion(state.parameters);
      if (suspicion !== undefined) throw givenUp(phaseRun, suspicion);
      health.reset();
    }
    hosts = await hostsOf(phaseRun, steps);
    for (const host of hosts) host.restore(state.host[host.name] ?? {});
    const validate = async () => {
      const name = `step-${String(state.step).padStart(6, '0')}.png`;
      state.metrics = await validator.run(path.join(run.folder, 'panels', name));
      log.validation(state.step, state.metrics);
      run.report(`step ${state.step}: validation ${describe(state.metrics)}`);
    };
    const began = performance.now();
    const [firstStep, secondsBefore] = [state.step, state.trainedSeconds];
    const isFresh = state.step === 0;
    if (isFresh && inspectionOf(method, options, data.facts, phase).untrained) await validate();
    const accumulated = batchesPerStep(options, phase);
    const loader = loadBatches(
      data.batches(phase.shapes, batchCounts(method, options, phase)),
      state.step * accumulated,
    );
    let checked = false;
    try {
      state.step = await train<BatchArrays>({
        parameters: state.parameters,
        firstStep,
        lastStep: end,
        batchesPerStep: accumulated,
        nextBatch: async (index) => {
          const batch = await loader.next(index);
          if (!checked) checkRanges(method.batch, batch);
          checked = true;
          return batch;
        },
        recycle: (index, used) => loader.recycle(index, used),
        updates: phase.updates.map((update, at) => ({
          name: update.name,
          compute: (index, batch) => computeUpdate(updates[at] ?? [], hosts, batch, index, update.name),
          optimizer: optimizerOf(state, update.name),
          learningRate: (step) => update.learningRate({ step, steps, phaseStep: step - first, phaseSteps }),
        })),
        statisticsMomentum: method.statisticsMomentum,
        signal,
        onStep: async (report) => {
          state.step = report.step;
          state.trainedSeconds = secondsBefore + (performance.now() - began) / 1000;
          log.add(report);
          const illness = health.observe(report);
          if (illness !== undefined) throw givenUp(phaseRun, illness);
          if (report.step % 20 === 0 || report.step === end || report.step === firstStep + 1) {
            run.report(log.summary(report.step, steps, firstStep, began));
          }
          if (report.step % run.every === 0 || report.step === end) {
            await validate();
            remember(state, hosts, health);
            await saveRun(state, health, run);
            await log.flush();
          }
          // Let signals and messages in: the step itself blocks.
          await new Promise((resolve) => setImmediate(resolve));
        },
      });
      remember(state, hosts, health);
    } finally {
      await loader.close();
    }
  } finally {
    for (const host of hosts) await host.release();
    for (const shapes of updates) for (const compiled of shapes) await compiled.release();
    await validator.release();
  }
}

function optimizerOf(state: RunState, name: string) {
  const optimizer = state.optimizers[name];
  if (optimizer === undefined) throw new RangeError(`update \`${name}\` has no optimizer`);
  return optimizer;
}

function remember(state: RunState, hosts: readonly HostState[], health: HealthMonitor): void {
  const saved = Object.fromEntries(hosts.map((host) => [host.name, host.save()]));
  state.host = { ...state.host, ...saved, [HEALTH]: health.save() };
}

function givenUp({ method, run, state }: PhaseRun, illness: string): TrainingError {
  const kept =
    state.savedStep === undefined
      ? 'There is no checkpoint yet'
      : `The checkpoint in ${checkpointOf(run.folder)} is of step ${state.savedStep}, where nothing spoke against it, and stays as it was`;
  return new TrainingError(
    `train ${method.name} stops after step ${state.step}: ${illness}. ${kept}; ` +
      '`log.csv` has the losses and gradient norms. Try a lower learning rate, or another weight of the adversarial loss, in a new folder.',
  );
}

function describe(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
    .join('  ');
}
