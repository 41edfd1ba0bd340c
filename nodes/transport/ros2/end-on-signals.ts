/** Within this long after SIGINT or SIGTERM the process is gone, milliseconds: launch kills what lives on for long. */
const PATIENCE_MS = 1800;

/** Ends the process on SIGINT and SIGTERM, after `shutdown`; by force when that takes too long. */
export function endOnSignals(shutdown: () => Promise<void>): void {
  let ending = false;
  const end = (signal: NodeJS.Signals) => {
    if (ending) return;
    ending = true;
    // process.exit would wait for the worker threads, and onnxruntime aborts under it.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), PATIENCE_MS).unref();
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
