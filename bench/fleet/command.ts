import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RXDEPTH = fileURLToPath(new URL('../../bin/rxdepth.js', import.meta.url));

export interface Command {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
}

/** Starts `rxdepth` as a user does; what goes wrong is shown. */
export function startCommand(args: readonly string[]): Command {
  const child = spawn(process.execPath, [RXDEPTH, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.on('data', (data: Buffer) => {
    for (const line of data.toString().split('\n'))
      if (/failed/.test(line)) process.stderr.write(`${line}\n`);
  });
  return { child, ended: new Promise((resolve) => child.once('close', resolve)) };
}
