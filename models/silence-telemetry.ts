import { readFileSync } from 'node:fs';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { ModelError } from './errors.js';

const VARIABLE = 'ORT_DISABLE_TELEMETRY';
/** Under which the main thread tells the workers started after it that the process's environment has the variable. */
const SILENCED = `rxdepth ${VARIABLE}`;

/**
 * Switches off the telemetry of onnxruntime, which by default identifies the machine, keeps a data base in the home folder
 * and calls its collector. onnxruntime reads the variable from the process's environment when the first session is made.
 * Only the main thread can set it: a worker's `process.env` is a copy that native code does not see. So whoever starts
 * a worker that opens sessions calls this before, and `models/onnxruntime.ts` calls it in every thread.
 * @throws ModelError in a worker, when neither the main thread nor the process's start has set the variable.
 */
export function silenceTelemetry(): void {
  if (isMainThread) {
    process.env[VARIABLE] = '1';
    setEnvironmentData(SILENCED, true);
    return;
  }
  if (getEnvironmentData(SILENCED) === true || startedSilent()) return;
  throw new ModelError(
    `onnxruntime would send telemetry from this worker thread: start Node.js with \`${VARIABLE}=1\` in its environment, or ` +
      'call `silenceTelemetry()` of rxdepth in the main thread before the worker is started',
  );
}

/** Whether the process was started with the variable. Where that cannot be told, the worker's copy is believed. */
function startedSilent(): boolean {
  if (process.platform !== 'linux') return process.env[VARIABLE] === '1';
  try {
    return readFileSync('/proc/self/environ', 'latin1').split('\0').includes(`${VARIABLE}=1`);
  } catch {
    return false;
  }
}
