import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { completeTfjsNode } from './complete-tfjs-node.js';

/**
 * Loads TensorFlow's own kernels: `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`, from where Node's `require`
 * finds it (`NODE_PATH` included). Whether a GPU computes is decided by the libtensorflow that the package links.
 * @throws TrainingError when it is not installed, its addon is not built or does not load, or it brings another
 * TensorFlow.js along.
 */
export async function loadTfjsNode(packageName: string): Promise<void> {
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = require.resolve(packageName);
  } catch (cause) {
    throw new TrainingError(`\`${packageName}\` is not installed; docs/tfjs-node.md says how to build it`, {
      cause,
    });
  }
  restoreRemovedFunctions(require('node:util') as Record<string, unknown>); // CommonJS: the object that tfjs-node reads
  try {
    require(entry);
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new TrainingError(
      `\`${packageName}\` is installed but does not load: ${reason?.trim()} (docs/tfjs-node.md says how to build it)`,
      { cause },
    );
  }
  if (tf.findBackend('tensorflow') === null) {
    throw new TrainingError(
      `\`${packageName}\` registered its backend with another copy of \`@tensorflow/tfjs\`: expected one copy for both, see \`npm ls @tensorflow/tfjs\``,
    );
  }
  completeTfjsNode();
  await tf.setBackend('tensorflow');
}

/** tfjs-node 4.22 calls functions of `node:util` that Node 23 removed. */
function restoreRemovedFunctions(util: Record<string, unknown>): void {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
