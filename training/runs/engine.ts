import { selectEagerBackend } from '../eager/eager-backend.js';
import { eagerTrainingStep, type Stepping } from '../eager/eager-training-step.js';
import { compileTrainingStep, type TrainingStepDefinition } from '../onnx/compile-training-step.js';

/** What computes a run's training steps. */
export interface Engine {
  /** For the line of progress: `NAME at 320x96, ...`. */
  readonly name: string;
  start(definition: TrainingStepDefinition): Promise<Stepping>;
}

/** One ONNX graph: see compileTrainingStep. */
export const COMPILED: Engine = { name: 'compiling the training step', start: compileTrainingStep };

/**
 * COMPILED, or eager TensorFlow.js on the backend asked for (`auto` for the fastest).
 * @param report is told what `auto` passes over.
 * @throws TrainingError when the backend is unknown or does not load.
 */
export async function chooseEngine(
  eager: string | undefined,
  report: (line: string) => void,
): Promise<Engine> {
  if (eager === undefined) return COMPILED;
  const { backend, passedOver } = await selectEagerBackend(eager);
  for (const reason of passedOver) report(`passed over ${reason}`);
  return {
    name: `eager TensorFlow.js on ${backend}`,
    start: async (definition) => eagerTrainingStep(definition),
  };
}
