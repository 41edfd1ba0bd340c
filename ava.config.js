import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

// Test files run in worker threads, where it would be too late to switch onnxruntime's telemetry off.
const settings = new URL('./dist/models/memory-settings.js', import.meta.url);
const environmentVariables = existsSync(settings) ? (await import(settings.href)).MEMORY_SETTINGS : {};
const silence = new URL('./dist/models/silence-telemetry.js', import.meta.url);
if (existsSync(silence)) (await import(silence.href)).silenceTelemetry();

// Whatever tests leave in the temporary folder goes when the run ends, whichever test made it.
const temporary = mkdtempSync(path.join(tmpdir(), 'rxdepth-tests-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

// Tests run compiled: what is tested is what is shipped, worker threads included.
export default {
  files: ['dist/test/**/*.test.js'],
  timeout: '5m',
  // Commands that tests start need not start themselves once more for these.
  environmentVariables: { ...environmentVariables, TMPDIR: temporary },
  // onnxruntime and sharp keep native thread pools of their own; two test files at a time fit two cores.
  concurrency: 2,
};
