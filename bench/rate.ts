/** How fast something went: by the clock, and by the processor time it took, which other processes disturb less. */
export interface Rate {
  readonly fps: number;
  /** Processor time of all threads a frame, milliseconds. */
  readonly cpuMs: number;
}

/** Starts the clocks; the returned function stops them after so many frames. */
export function startRate(): (frames: number) => Rate {
  const begin = performance.now();
  const cpuBegin = process.cpuUsage();
  return (frames) => {
    const { user, system } = process.cpuUsage(cpuBegin);
    return { fps: (frames * 1000) / (performance.now() - begin), cpuMs: (user + system) / 1000 / frames };
  };
}
