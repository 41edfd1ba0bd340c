import { TrainingError } from '../errors.js';
import { correctGradients } from '../tracer/gradients/correct-gradients.js';
import { loadCpu } from './load-cpu.js';
import { loadTfjsNode } from './load-tfjs-node.js';
import { loadWasm } from './load-wasm.js';

/** What can execute TensorFlow.js code eagerly, fastest first. All but `cpu` are optional packages. */
export const EAGER_BACKENDS = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'] as const;
export type EagerBackend = (typeof EAGER_BACKENDS)[number];

export interface EagerSelection {
  readonly backend: EagerBackend;
  /** Why each faster backend was passed over. */
  readonly passedOver: readonly string[];
}

/** Makes a backend the active one of TensorFlow.js; throws a TrainingError that says why it cannot. */
export type BackendLoader = () => Promise<void>;

const LOADERS: Readonly<Record<EagerBackend, BackendLoader>> = {
  'tfjs-node-gpu': () => loadTfjsNode('@tensorflow/tfjs-node-gpu'),
  'tfjs-node': () => loadTfjsNode('@tensorflow/tfjs-node'),
  wasm: loadWasm,
  cpu: loadCpu,
};

/**
 * Loads a backend for eager execution and makes it TensorFlow.js's active one, with the gradients that tracing uses. `auto` takes the first of EAGER_BACKENDS
 * that loads, and says what it passed over; a backend asked for by name is never replaced by another.
 * @throws TrainingError for an unknown name, and when the backend asked for is not installed or does not load.
 */
export async function selectEagerBackend(
  choice: string,
  loaders: Readonly<Record<EagerBackend, BackendLoader>> = LOADERS,
): Promise<EagerSelection> {
  const wanted = choice === 'auto' ? EAGER_BACKENDS : EAGER_BACKENDS.filter((name) => name === choice);
  const passedOver: string[] = [];
  for (const backend of wanted) {
    try {
      await loaders[backend]();
      correctGradients();
      return { backend, passedOver };
    } catch (error) {
      if (choice !== 'auto' || !(error instanceof TrainingError)) throw error;
      passedOver.push(`${backend}: ${error.message}`);
    }
  }
  throw new TrainingError(
    passedOver.length > 0
      ? `No backend executes TensorFlow.js eagerly: ${passedOver.join('; ')}`
      : `eager backend: expected \`auto\`, \`${EAGER_BACKENDS.join('`, `')}\`, got \`${choice}\``,
  );
}
