import { spawn } from 'node:child_process';

/**
 * What glibc is told at the start of processes that infer; it cannot be told later. By default it keeps an arena for every
 * thread, of whose memory the others have no use. It also raises by itself the sizes that it gives back to the system, to 32
 * and 64 MB an arena. What a model that was swapped out had used stayed with the process.
 *
 * One arena, then, and blocks of 128 kB go back to the system. To get each anew costs page faults, 3 to 5 ms of processor
 * time a frame of 1242x375 pixels. Sizes of 2 MB and more save them, but leave 9 to 21 % more with the process after swaps
 * (docs/measurements/hot-swap.md). What a user sets stays. The first line of `bin/rxdepth.mjs` and `launch/scripts/node.in`
 * say the same.
 */
export const MEMORY_SETTINGS: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/** Says to the process that is started who has to live for it to live. */
const PARENT = 'RXDEPTH_PARENT';
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGCONT'] as const;

/**
 * Runs this program under the memory settings, whichever way it was started: where they are missing, once more in a process of
 * its own, to which signals are passed on, and which ends with this one. What a user has set stays.
 * @returns whether that was done: then nothing is left to do, and the exit code is set.
 */
export async function underMemorySettings(): Promise<boolean> {
  const missing = Object.keys(MEMORY_SETTINGS).filter((name) => process.env[name] === undefined);
  if (process.platform !== 'linux' || missing.length === 0) {
    endWithParent();
    return false;
  }
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env: dependentEnvironment(),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // A session of its own: Ctrl-C reaches it once, from here.
    detached: true,
  });
  const handlers = FORWARDED.map((signal) => [signal, () => child.kill(signal)] as const);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  const pause = () => {
    child.kill('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  };
  process.on('SIGTSTP', pause);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...ended) => resolve(ended));
  });
  for (const [name, handler] of handlers) process.off(name, handler);
  process.off('SIGTSTP', pause);
  if (signal === null) process.exitCode = code ?? 1;
  else process.kill(process.pid, signal);
  return true;
}

/** Surroundings of a further process of this program with an IPC channel: it runs under the memory settings and goes with this one. */
export function dependentEnvironment(): NodeJS.ProcessEnv {
  return { ...MEMORY_SETTINGS, ...process.env, [PARENT]: String(process.pid) };
}

/**
 * A process that was started in `dependentEnvironment` goes when the one that started it is gone: who kills that one means
 * both. Any other process is left alone.
 */
export function endWithParent(): void {
  const parent = Number(process.env[PARENT]);
  // Another parent's pid was inherited, unless it died before this process came here: then the channel closes at once.
  if (!(parent > 0) || (parent !== process.ppid && isAlive(parent)) || process.channel === undefined) return;
  delete process.env[PARENT];
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // EPERM: it is somebody else's
  }
}
