import test from 'ava';
import { of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { FlowControl } from '../../../../nodes/perception/flow-control.js';
import { lossless } from '../../../../nodes/perception/operators/lossless.js';

test('everything passes and is counted: empty, never, error, early unsubscribe', (t) => {
  new TestScheduler((actual, expected) => t.deepEqual(actual, expected)).run(
    ({ cold, expectObservable, expectSubscriptions }) => {
      for (const marbles of ['|', '---', 'a-b-(c|)', 'a-#']) {
        expectObservable(cold(marbles).pipe(lossless(new FlowControl(1)))).toBe(marbles);
      }
      const source = cold('a-b-c');
      expectObservable(source.pipe(lossless(new FlowControl(1))), '--!').toBe('a');
      expectSubscriptions(source.subscriptions).toBe('^-!');
    },
  );
});

test('a source that waits for room never has more frames in flight than the window', async (t) => {
  const flow = new FlowControl(2);
  of(1, 2).pipe(lossless(flow)).subscribe();
  t.is(flow.inFlight, 2);
});

test('whoever waits for room goes on when a frame leaves, or when the stream ends', async (t) => {
  const flow = new FlowControl(1);
  flow.enter();
  let ready = false;
  const waiting = flow.ready().then(() => (ready = true));
  await new Promise((resolve) => setImmediate(resolve));
  t.false(ready);
  flow.leave();
  await waiting;
  flow.enter();
  const ended = flow.ready();
  flow.end();
  await ended;
  t.is(flow.inFlight, 1);
});
