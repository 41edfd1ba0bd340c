import type { DeviceChoice } from '../../models/device.js';
import { deviceAbsence } from '../../models/device-presence.js';
import { ModelError } from '../../models/errors.js';
import { selectEagerBackend } from '../eager/eager-backend.js';
import { eagerTrainingStep, type Stepping } from '../eager/eager-training-step.js';
import { TrainingError } from '../errors.js';
import { compileTrainingStep, type TrainingStepDefinition } from '../tracer/compile-training-step.js';
import { type Precision, refuseMixedOnCpu } from '../tracer/open-compiled.js';
import type { Recomputation } from '../tracer/trace/recompute-activations.js';

/** What computes a run's training steps. */
export interface Engine {
  /** For the line of progress: `NAME at 320x96, ...`. */
  readonly name: string;
  start(definition: TrainingStepDefinition): Promise<Stepping>;
}

/** What a run's steps are computed by. */
export interface EngineChoice {
  /** Eager TensorFlow.js on this backend (`auto` for the fastest) instead of the compiled graph. */
  readonly eager?: string | undefined;
  /** Where the compiled graph runs. */
  readonly device?: DeviceChoice | undefined;
  readonly precision?: Precision | undefined;
  readonly recompute?: Recomputation | undefined;
}

/** One ONNX graph: see compileTrainingStep. */
export const COMPILED: Engine = { name: 'compiling the training step', start: compileTrainingStep };

/**
 * Refuses, before data are made, what could not be opened after that.
 * @throws TrainingError for mixed precision on the CPU, ModelError for CUDA where there is none.
 */
export function checkEngineChoice({ eager, device = 'cpu', precision = 'single' }: EngineChoice): void {
  if (eager !== undefined) return;
  refuseMixedOnCpu(device, precision);
  const absence = device === 'cuda' ? deviceAbsence(device) : undefined;
  if (absence !== undefined) throw new ModelError(`Device \`${device}\` is not available: ${absence}.`);
}

/**
 * The compiled graph on the device asked for, or eager TensorFlow.js.
 * @param report is told what `auto` passes over.
 * @throws TrainingError when the backend is unknown or does not load, or when both kinds are asked for.
 */
export async function chooseEngine(
  { eager, device = 'cpu', precision = 'single', recompute = 'none' }: EngineChoice,
  report: (line: string) => void,
): Promise<Engine> {
  if (eager === undefined) return compiledOn({ device, precision, recompute }, report);
  if (device !== 'cpu' || precision !== 'single' || recompute !== 'none') {
    throw new TrainingError(
      `--eager ${eager}: expected no \`--device\`, \`--compute\` or \`--recompute\` beside it: they belong to the compiled step`,
      { field: '--eager' },
    );
  }
  const { backend, passedOver } = await selectEagerBackend(eager);
  for (const reason of passedOver) report(`passed over ${reason}`);
  return {
    name: `eager TensorFlow.js on ${backend}`,
    start: async (definition) => eagerTrainingStep(definition),
  };
}

function compiledOn(
  { device, precision, recompute }: Required<Omit<EngineChoice, 'eager'>>,
  report: (line: string) => void,
): Engine {
  if (device === 'cpu' && precision === 'single' && recompute === 'none') return COMPILED;
  return {
    ...COMPILED,
    start: async (definition) => {
      const step = await compileTrainingStep({
        ...definition,
        options: { ...definition.options, device, precision, recompute },
      });
      report(
        `the training step runs on ${step.compiled.device}${precision === 'mixed' ? ' in mixed precision' : ''}`,
      );
      return step;
    },
  };
}
