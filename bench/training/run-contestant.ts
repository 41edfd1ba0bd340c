import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { encodeParameters, type Parameters } from '../../training/weights/parameters.js';
import type { StepTiming, Task } from './protocol.js';
import type { Stepper } from './stepper.js';
import { sgdepthWorkload, type Workload } from './workload.js';

/*
 * Takes SGDepth training steps on demand: `node run-contestant.js compiled|eager TASK_JSON`. For every line `step` on
 * standard input one step, `gradients FILE` writes the gradients; each is answered by one JSON line.
 */
const [kind = '', task = '{}'] = process.argv.slice(2);
const given: Task = JSON.parse(task);
// Each imports what it needs only: memory is compared.
const start: (workload: Workload, task: Task) => Promise<Stepper> =
  kind === 'eager'
    ? (await import('./eager-stepper.js')).eagerStepper
    : (await import('./compiled-stepper.js')).compiledStepper;
const workload = sgdepthWorkload(given);
const stepper = await start(workload, given);
console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  const [command, file = ''] = line.split(' ');
  if (command === 'gradients') {
    const loss = await stepper.compute();
    writeFileSync(file, gradientFile(workload.parameters, stepper.gradients()));
    console.log(JSON.stringify({ loss }));
  } else console.log(JSON.stringify(await timedStep()));
}
await stepper.close();

async function timedStep(): Promise<StepTiming> {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const loss = await stepper.compute();
  const middle = performance.now();
  stepper.update();
  const ms = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000;
  return { ms, gradientMs: middle - begin, cpuMs, loss, peakMb: peakMegabytes() };
}

/** The process's largest resident set so far. */
function peakMegabytes(): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(match?.[1] ?? process.resourceUsage().maxRSS) / 1024;
}

function gradientFile(parameters: Parameters, gradients: Readonly<Record<string, Float32Array>>): Uint8Array {
  const stored = [...parameters].flatMap(([name, { spec }]) => {
    const values = gradients[name];
    return values === undefined ? [] : [[name, { spec, values }] as const];
  });
  return encodeParameters(new Map(stored), 'F32', {}).bytes;
}
