import type { DeviceChoice } from '../../models/device.js';
import { selectEagerBackend } from '../eager/eager-backend.js';
import { eagerTrainingStep, type Stepping } from '../eager/eager-training-step.js';
import { TrainingError } from '../errors.js';
import { compileTrainingStep, type TrainingStepDefinition } from '../onnx/compile-training-step.js';
import type { Precision } from '../onnx/open-compiled.js';

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
}

/** One ONNX graph: see compileTrainingStep. */
export const COMPILED: Engine = { name: 'compiling the training step', start: compileTrainingStep };

/**
 * The compiled graph on the device asked for, or eager TensorFlow.js.
 * @param report is told what `auto` passes over.
 * @throws TrainingError when the backend is unknown or does not load, or when both kinds are asked for.
 */
export async function chooseEngine(
  { eager, device = 'cpu', precision = 'single' }: EngineChoice,
  report: (line: string) => void,
): Promise<Engine> {
  if (eager === undefined) return compiledOn(device, precision, report);
  if (device !== 'cpu' || precision !== 'single') {
    throw new TrainingError(
      `--eager ${eager}: expected no \`--device\` and no \`--compute\` beside it: they belong to the compiled step`,
    );
  }
  const { backend, passedOver } = await selectEagerBackend(eager);
  for (const reason of passedOver) report(`passed over ${reason}`);
  return {
    name: `eager TensorFlow.js on ${backend}`,
    start: async (definition) => eagerTrainingStep(definition),
  };
}

function compiledOn(device: DeviceChoice, precision: Precision, report: (line: string) => void): Engine {
  if (device === 'cpu' && precision === 'single') return COMPILED;
  return {
    ...COMPILED,
    start: async (definition) => {
      const step = await compileTrainingStep({
        ...definition,
        options: { ...definition.options, device, precision },
      });
      report(
        `the training step runs on ${step.compiled.device}${precision === 'mixed' ? ' in mixed precision' : ''}`,
      );
      return step;
    },
  };
}
