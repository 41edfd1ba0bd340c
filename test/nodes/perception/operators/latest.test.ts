import test from 'ava';
import { concatMap, delay, type MonoTypeOperatorFunction, of, Subject, tap } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { FlowControl } from '../../../../nodes/perception/flow-control.js';
import { latest } from '../../../../nodes/perception/operators/latest.js';
import { PipelineStatistics } from '../../../../nodes/perception/pipeline-statistics.js';

/** A stage behind `latest` that takes 3 ticks for an item and has room for one at a time. */
function slow(flow: FlowControl): MonoTypeOperatorFunction<string> {
  return (source) =>
    source.pipe(
      concatMap((item) => of(item).pipe(delay(3))),
      tap(() => flow.leave()),
    );
}

function run(
  work: (helpers: Parameters<Parameters<TestScheduler['run']>[0]>[0]) => void,
): (t: { deepEqual(a: unknown, b: unknown): void }) => void {
  return (t) => new TestScheduler((actual, expected) => t.deepEqual(actual, expected)).run(work);
}

test(
  'the newest item wins while the stage behind is busy',
  run(({ cold, expectObservable }) => {
    const flow = new FlowControl(1);
    const source = cold('abcd-----e|');
    expectObservable(source.pipe(latest(flow), slow(flow))).toBe('---a--d-----(e|)');
  }),
);

test(
  'nothing is dropped while there is room',
  run(({ cold, expectObservable }) => {
    const flow = new FlowControl(3);
    expectObservable(cold('abc|').pipe(latest(flow))).toBe('abc|');
  }),
);

test(
  'empty, never and error pass',
  run(({ cold, expectObservable }) => {
    expectObservable(cold<string>('|').pipe(latest(new FlowControl(1)))).toBe('|');
    expectObservable(cold<string>('--').pipe(latest(new FlowControl(1)))).toBe('--');
    expectObservable(cold('a-#').pipe(latest(new FlowControl(1)))).toBe('a-#');
  }),
);

test(
  'an early unsubscribe reaches the source',
  run(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('ab---c');
    expectObservable(source.pipe(latest(new FlowControl(1))), '---!').toBe('a');
    expectSubscriptions(source.subscriptions).toBe('^--!');
  }),
);

test('what is kept when the subscriber leaves takes no place in the pipeline behind', (t) => {
  const flow = new FlowControl(1);
  const source = new Subject<number>();
  const seen: number[] = [];
  const subscription = source.pipe(latest(flow)).subscribe((value) => seen.push(value));
  source.next(1);
  source.next(2);
  subscription.unsubscribe();
  t.is(flow.inFlight, 1, 'the first one alone');
  flow.leave();
  t.is(flow.inFlight, 0);
  t.deepEqual(seen, [1]);
});

test('of a synchronous source the first and the last item pass, the others are counted as drops', (t) => {
  const flow = new FlowControl(1);
  const statistics = new PipelineStatistics();
  const seen: number[] = [];
  let completed = false;
  of(1, 2, 3, 4, 5)
    .pipe(latest(flow, statistics))
    .subscribe({ next: (value) => seen.push(value), complete: () => (completed = true) });
  t.deepEqual(seen, [1]);
  t.false(completed, 'one is still kept');
  flow.leave();
  t.deepEqual(seen, [1, 5]);
  t.true(completed);
  t.is(statistics.dropCount, 3);
});
