import { Worker } from 'node:worker_threads';

/** Within this long after SIGINT or SIGTERM the process is gone, milliseconds: launch kills what lives on for long. */
const PATIENCE_MS = 1700;

/** Ends the process on SIGINT and SIGTERM, after `shutdown`; by force when that takes too long. */
export function endOnSignals(shutdown: () => Promise<void>): void {
  let ending = false;
  const end = (signal: NodeJS.Signals) => {
    if (ending) return;
    ending = true;
    killAfter(PATIENCE_MS);
    shutdown().then(
      () => {
        process.exitCode = 0;
        // Handles that rclnodejs leaves open must not keep the process.
        process.exit();
      },
      (error: unknown) => {
        process.stderr.write(`rxdepth: ${signal}: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

/**
 * In a thread of its own: DDS blocks this one while it waits for subscribers that have died. SIGKILL, because process.exit
 * would wait for the other threads, and onnxruntime aborts under it.
 */
function killAfter(ms: number): void {
  const wait = `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ms})`;
  new Worker(`${wait}; process.kill(process.pid, 'SIGKILL');`, { eval: true }).unref();
}
