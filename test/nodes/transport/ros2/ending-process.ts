import { EndOnSignals } from '../../../../nodes/transport/ros2/end-on-signals.js';

/** `node ending-process.js HOW`: a process that says `ready` and ends by a signal in one of several ways. */
const [how = ''] = process.argv.slice(2);
const block = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const LONG_MS = 600_000;

const signals = new EndOnSignals();
signals.begin(async () => {
  if (how === 'blocked') block(LONG_MS);
  if (how === 'never') await new Promise(() => {});
  if (how === 'failing') throw new Error('it went wrong');
});
setInterval(() => {}, 1000);
if (how === 'deaf') {
  process.stdout.write('ready\n');
  setTimeout(() => signals.whileDeaf(() => block(LONG_MS)), 0);
} else {
  if (how === 'after deaf') signals.whileDeaf(() => block(1));
  process.stdout.write('ready\n');
}
