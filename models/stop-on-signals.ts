/** Exit code of a shell command that SIGINT or SIGTERM ended. */
const EXIT_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_SIGNAL;

export interface Stop {
  readonly signal: AbortSignal;
  /** What the process should exit with; undefined when no signal came. */
  readonly exitCode: number | undefined;
  /** Signals end the process at once again. */
  release(): void;
}

/**
 * The first SIGINT or SIGTERM aborts gently and says so, the second ends the process at once.
 * @param announcement what is being finished now.
 */
export function stopOnSignals(announcement: string): Stop {
  const controller = new AbortController();
  let received: StopSignal | undefined;
  const handlers = (Object.keys(EXIT_SIGNAL) as StopSignal[]).map((name) => {
    const handler = () => {
      if (received === undefined) {
        received = name;
        process.stderr.write(`\n${announcement}; once more to stop at once\n`);
        controller.abort();
        return;
      }
      // By the signal itself: process.exit would end the worker threads and run native destructors beside them.
      release();
      process.kill(process.pid, name);
    };
    process.on(name, handler);
    return { name, handler };
  });
  const release = () => {
    for (const { name, handler } of handlers) process.off(name, handler);
  };
  return {
    signal: controller.signal,
    get exitCode() {
      return received && EXIT_SIGNAL[received];
    },
    release,
  };
}
