import test from 'ava';
import { Pacer } from '../../../nodes/cli/pacer.js';

const SECOND = 1_000_000_000n;

test('the first message is due at once, later ones at the rate of the recording', async (t) => {
  const pacer = new Pacer(10);
  const { signal } = new AbortController();
  const startMs = performance.now();
  await pacer.due(50n * SECOND, signal);
  t.true(performance.now() - startMs < 500);
  await pacer.due(52n * SECOND, signal);
  const waitedMs = performance.now() - startMs;
  t.true(waitedMs >= 199 && waitedMs < 5000, String(waitedMs));
});

test('whoever does not wait any more is let go at once, before and while waiting', async (t) => {
  const pacer = new Pacer(1);
  const stop = new AbortController();
  await pacer.due(0n, stop.signal);
  // A year is more than a timer can count.
  const waiting = pacer.due(31_536_000n * SECOND, stop.signal);
  t.is(
    await Promise.race([waiting.then(() => 'due'), new Promise((r) => setTimeout(r, 50, 'waits'))]),
    'waits',
  );
  stop.abort();
  await waiting;
  await pacer.due(31_536_000n * SECOND, stop.signal);
  t.pass();
});
