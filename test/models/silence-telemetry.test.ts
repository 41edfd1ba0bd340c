import { spawnSync } from 'node:child_process';
import test from 'ava';

const MODULE = new URL('../../models/silence-telemetry.js', import.meta.url).href;

/** Runs a module in a process of its own, in whose environment nothing is said about telemetry, and returns what it prints. */
function print(code: string, environment: Readonly<Record<string, string>> = {}): string {
  const { ORT_DISABLE_TELEMETRY: _, ...inherited } = process.env;
  const program = `import { Worker } from 'node:worker_threads';\n${code}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { ...inherited, ...environment },
  });
  return stdout + stderr;
}

const IN_WORKER = `
  const worker = new Worker('import(${JSON.stringify(MODULE)}).then((m) => m.silenceTelemetry()).then(() => console.log("silent"))', { eval: true });
  worker.on('error', (error) => console.log(error.message));
`;

test('the main thread sets the variable in the environment that native code and child processes see', (t) => {
  const code = `
    import { execFileSync } from 'node:child_process';
    const { silenceTelemetry } = await import(${JSON.stringify(MODULE)});
    silenceTelemetry();
    process.stdout.write(execFileSync('printenv', ['ORT_DISABLE_TELEMETRY'], { env: process.env }));
  `;
  t.is(print(code).trim(), '1');
  t.is(print(code, { ORT_DISABLE_TELEMETRY: '0' }).trim(), '1');
});

test('a worker refuses to load onnxruntime where nobody switched telemetry off: its own environment is a copy', (t) => {
  t.regex(print(IN_WORKER), /would send telemetry .* `ORT_DISABLE_TELEMETRY=1`/);
});

test('a worker is content when the main thread did it before, or the process was started so', (t) => {
  t.is(print(`(await import(${JSON.stringify(MODULE)})).silenceTelemetry();${IN_WORKER}`).trim(), 'silent');
  t.is(print(IN_WORKER, { ORT_DISABLE_TELEMETRY: '1' }).trim(), 'silent');
});
