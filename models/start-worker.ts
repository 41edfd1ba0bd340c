import { Worker, type WorkerOptions } from 'node:worker_threads';
import { silenceTelemetry } from './silence-telemetry.js';

export type { Worker };

/**
 * Starts a worker thread. The linter lets `training` and `nodes` start none in another way. A worker that loads onnxruntime,
 * however deep in what it imports, cannot switch its telemetry off any more.
 */
export function startWorker(script: URL, options?: WorkerOptions): Worker {
  silenceTelemetry();
  return new Worker(script, options);
}
