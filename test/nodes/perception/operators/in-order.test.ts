import test from 'ava';
import { map, NEVER, of, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inOrder } from '../../../../nodes/perception/operators/in-order.js';

function run(
  work: (helpers: Parameters<Parameters<TestScheduler['run']>[0]>[0]) => void,
): (t: { deepEqual(a: unknown, b: unknown): void }) => void {
  return (t) => new TestScheduler((actual, expected) => t.deepEqual(actual, expected)).run(work);
}

test(
  'results come in the order of the values although all are worked on at once',
  run(({ cold, expectObservable }) => {
    const ticks: Record<string, number> = { a: 5, b: 1, c: 3 };
    const source = cold('abc|');
    const result = source.pipe(inOrder((value) => timer(ticks[value] ?? 0).pipe(map(() => value))));
    expectObservable(result).toBe('-----(abc|)');
  }),
);

test(
  'empty, never and error pass, also from within',
  run(({ cold, expectObservable }) => {
    expectObservable(cold<string>('|').pipe(inOrder((value) => of(value)))).toBe('|');
    expectObservable(cold<string>('--').pipe(inOrder((value) => of(value)))).toBe('--');
    expectObservable(cold('a#').pipe(inOrder((value) => of(value)))).toBe('a#');
    expectObservable(cold('a-').pipe(inOrder(() => cold('--#')))).toBe('--#');
  }),
);

test(
  'an early unsubscribe ends what was begun',
  run(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('a----');
    const inner = cold('-----x');
    expectObservable(source.pipe(inOrder(() => inner)), '--!').toBe('');
    expectSubscriptions(source.subscriptions).toBe('^-!');
    expectSubscriptions(inner.subscriptions).toBe('^-!');
  }),
);

test('a synchronous source of many values stays in order', (t) => {
  const seen: number[] = [];
  of(...Array.from({ length: 1000 }, (_, i) => i))
    .pipe(inOrder((value) => (value === 2000 ? NEVER : of(value))))
    .subscribe((value) => seen.push(value));
  t.deepEqual(
    seen,
    Array.from({ length: 1000 }, (_, i) => i),
  );
});
