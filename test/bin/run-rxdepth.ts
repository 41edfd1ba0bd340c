import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const RXDEPTH = fileURLToPath(new URL('../../bin/rxdepth.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  /** `SIGKILL` when it hung. */
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `rxdepth` as a user does; a run that hangs is killed. */
export function runRxdepth(
  args: readonly string[],
  {
    cwd = process.cwd(),
    env = {},
    shell,
    timeoutMs = 120_000,
  }: {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    /** What a shell does before. */
    readonly shell?: string;
    /** From when on a run counts as hanging. */
    readonly timeoutMs?: number;
  } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const command = [process.execPath, RXDEPTH, ...args];
    const [file = '', ...rest] =
      shell === undefined ? command : ['sh', '-c', `${shell}; exec "$0" "$@"`, ...command];
    const child = spawn(file, rest, {
      cwd,
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => {
      stdout += data;
    });
    child.stderr.on('data', (data: Buffer) => {
      stderr += data;
    });
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
