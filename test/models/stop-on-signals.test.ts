import { type ChildProcess, spawn } from 'node:child_process';
import test from 'ava';

const MODULE = new URL('../../models/stop-on-signals.js', import.meta.url);

/** A process that works until it is stopped, then takes `finishMs` to finish. */
function work(finishMs: number, during: (child: ChildProcess, text: string) => void) {
  const program = `
    const { stopOnSignals } = await import(${JSON.stringify(MODULE.href)});
    const stop = stopOnSignals('finishing');
    const working = setInterval(() => {}, 1000);
    stop.signal.addEventListener('abort', () => setTimeout(() => {
      clearInterval(working);
      stop.release();
      process.exitCode = stop.exitCode;
    }, ${finishMs}));
    process.stderr.write('working');
  `;
  return new Promise<{ code: number | null; signal: string | null; text: string }>((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    let text = '';
    child.stderr.on('data', (data: Buffer) => {
      text += data;
      during(child, text);
    });
    child.on('close', (code, signal) => resolve({ code, signal, text }));
  });
}

test('the first signal lets the work finish and gives the exit code of a shell', async (t) => {
  for (const [name, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const ended = await work(10, (child, text) => {
      if (text === 'working') child.kill(name);
    });
    t.deepEqual([ended.code, ended.signal], [exitCode, null]);
    t.is(ended.text, 'working\nfinishing; once more to stop at once\n');
  }
});

test('the second ends the process by the signal, whichever came first', async (t) => {
  const ended = await work(50_000, (child, text) => {
    if (text === 'working') child.kill('SIGTERM');
    else child.kill('SIGINT');
  });
  t.deepEqual([ended.code, ended.signal], [null, 'SIGINT']);
});
