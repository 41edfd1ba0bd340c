/** How long a fleet or worker that is ended waits for Redis before it gives its connections up, ms. */
export const GRACE_MS = 5000;

/** Waits for work, but no longer than that: false where it has not ended then. Rejects as the work does. */
export async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for work for as long as it takes; from an abort on, only so long. Answers as `endsWithin`. */
export async function endsSoonAfter(
  work: Promise<unknown>,
  signal: AbortSignal,
  ms: number,
): Promise<boolean> {
  let stop = () => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    await Promise.race([work, aborted]);
    return await endsWithin(work, ms);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
