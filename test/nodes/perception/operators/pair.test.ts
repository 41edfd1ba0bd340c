import test from 'ava';
import { map, NEVER, type Observable, of, Subject, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { CameraInfo } from '../../../../msgs/camera-info.js';
import type { CameraImage, FrameOrFault } from '../../../../nodes/perception/frame.js';
import { type PairOptions, pair } from '../../../../nodes/perception/operators/pair.js';
import { PipelineStatistics } from '../../../../nodes/perception/pipeline-statistics.js';
import type { InputMessage } from '../../../../nodes/transport/transport.js';
import { delivered, SECOND, testImage, testInfo } from '../../test-messages.js';

type Info = InputMessage<CameraInfo>;

/** Letters are seconds: `a` has stamp 1 s, `b` 2 s. */
const LETTERS = ['a', 'b', 'c', 'd', 'e'];
const stampOf = (letter: string) => BigInt(LETTERS.indexOf(letter) + 1) * SECOND;
const small = { width: 4, height: 2 };

function images(options: { frame_id?: string } = {}): Record<string, CameraImage> {
  return Object.fromEntries(
    LETTERS.map((letter) => [
      letter,
      delivered(testImage({ ...small, ...options, stampNs: stampOf(letter) }), '/image'),
    ]),
  );
}

function infos(options: { frame_id?: string; width?: number } = {}, offsetNs = 0n): Record<string, Info> {
  return Object.fromEntries(
    LETTERS.map((letter) => [
      letter,
      delivered(testInfo({ ...small, ...options, stampNs: stampOf(letter) + offsetNs }), '/camera_info'),
    ]),
  );
}

/** `a<a` is image a with the camera_info of stamp a by stamp, `a~b` with that of b as the nearest, `a!` a fault. */
function describe(item: FrameOrFault): string {
  const letter = (ns: bigint) => LETTERS[Number(ns / SECOND) - 1];
  if (item.kind === 'fault') return `${letter(item.stampNs)}!`;
  const { sec, nanosec } = item.info.header.stamp;
  return `${letter(item.image.stampNs)}${item.pairedBy === 'stamp' ? '<' : '~'}${letter(BigInt(sec) * SECOND + BigInt(nanosec))}`;
}

function run(
  work: (
    helpers: Parameters<Parameters<TestScheduler['run']>[0]>[0],
    paired: (
      image$: Observable<CameraImage>,
      info$: Observable<Info>,
      options?: PairOptions,
    ) => Observable<string>,
  ) => void,
): (t: { deepEqual(a: unknown, b: unknown): void }) => void {
  return (t) => {
    const scheduler = new TestScheduler((actual, expected) => t.deepEqual(actual, expected));
    scheduler.run((helpers) =>
      work(helpers, (image$, info$, options) => pair(image$, info$, options).pipe(map(describe))),
    );
  };
}

test(
  'joins image and camera_info of one stamp, whichever comes first',
  run(({ cold, expectObservable }, paired) => {
    const image$ = cold('a---b--c|', images());
    const info$ = cold(' --a-b-c--|', infos());
    expectObservable(paired(image$, info$)).toBe('--a-b--c|', { a: 'a<a', b: 'b<b', c: 'c<c' });
  }),
);

test(
  'a missing camera_info is replaced by the latest one as soon as a later one comes, and order is kept',
  run(({ cold, expectObservable }, paired) => {
    const image$ = cold('abc------|', images());
    const info$ = cold(' a---c----|', infos());
    expectObservable(paired(image$, info$)).toBe('a---(bc)-|', { a: 'a<a', b: 'b~c', c: 'c<c' });
  }),
);

test(
  'a latched camera_info serves every image at once after the first ones waited in vain',
  run(({ cold, expectObservable }, paired) => {
    const image$ = cold('-bcd----e|', images());
    const info$ = cold(' a---------', infos());
    expectObservable(paired(image$, info$, { patience: 2 })).toBe('---(bcd)e|', {
      ...{ b: 'b~a', c: 'c~a', d: 'd~a', e: 'e~a' },
    });
  }),
);

test(
  'without any camera_info frames become faults, none is lost',
  run(({ cold, expectObservable }, paired) => {
    const image$ = cold('ab|', images());
    const info$ = cold<Info>('---|');
    expectObservable(paired(image$, info$)).toBe('---(ab|)', { a: 'a!', b: 'b!' });
  }),
);

test(
  'a camera_info of another spelling of the frame, or of another frame, serves when it is the only one',
  run(({ cold, expectObservable }, paired) => {
    const image$ = cold('-b|', images());
    for (const frame_id of ['other', '/camera', ''])
      expectObservable(paired(image$, cold('a--|', infos({ frame_id })))).toBe('---(b|)', { b: 'b~a' });
    expectObservable(paired(image$, cold('a--|', infos()))).toBe('---(b|)', { b: 'b~a' });
  }),
);

test(
  'of the camera_infos around an image the one nearest in time serves, also when it comes after the image',
  run(({ cold, expectObservable }, paired) => {
    const image$ = cold('-bc-----|', images());
    // 0.9 s before b, and 0.1 s after c.
    const after = infos({}, 100_000_000n);
    expectObservable(paired(image$, cold('a---d|', { a: after.a, d: after.c }))).toBe('----(bc)|', {
      ...{ b: 'b~a', c: 'c~c' },
    });
  }),
);

test('of two cameras on one topic each image gets its own calibration', (t) => {
  const seen: (string | number)[] = [];
  const both = [
    ...Object.values(infos({ frame_id: 'left' })),
    ...Object.values(infos({ frame_id: 'right', width: 9 })),
  ];
  const image$ = of(...Object.values(images({ frame_id: 'right' })));
  pair(image$, of(...both)).subscribe((item) => {
    if (item.kind === 'frame') seen.push(item.info.header.frame_id, item.info.width);
  });
  t.deepEqual(seen, new Array(5).fill(['right', 9]).flat());
});

test('live, the calibration before serves at once as long as all are alike, and is no reason for a warning', (t) => {
  const statistics = new PipelineStatistics();
  const seen: string[] = [];
  const [image$, info$] = [new Subject<CameraImage>(), new Subject<Info>()];
  pair(image$, info$, { statistics, live: true }).subscribe((item) => seen.push(describe(item)));
  const known = infos();
  for (const [letter, image] of Object.entries(images())) {
    image$.next(image);
    const info = known[letter];
    if (info !== undefined) info$.next(info);
  }
  t.deepEqual(seen, ['a<a', 'b~a', 'c~b', 'd~c', 'e~d'], 'the first waits, the others do not');
  t.deepEqual(statistics.warnings, []);
});

test('live, a calibration that changes is waited for', (t) => {
  const seen: string[] = [];
  const [image$, info$] = [new Subject<CameraImage>(), new Subject<Info>()];
  pair(image$, info$, { live: true }).subscribe((item) => seen.push(describe(item)));
  const [wide, close] = [infos(), infos({ width: 9 })];
  const send = (info: Info | undefined) => info && info$.next(info);
  const take = (image: CameraImage | undefined) => image && image$.next(image);
  send(wide.a);
  send(close.b);
  take(images().c);
  t.deepEqual(seen, []);
  send(close.c);
  t.deepEqual(seen, ['c<c']);
});

test('where the calibration changes, one that is far away in time does not serve', (t) => {
  const reasons: string[] = [];
  const mixed = [infos().a, infos({ width: 9 }).b].filter((info) => info !== undefined);
  pair(of(...Object.values(images())), of(...mixed)).subscribe((item) => {
    if (item.kind === 'fault') reasons.push(item.reason);
  });
  t.is(reasons.length, 3, 'all but those whose camera_info has their stamp');
  t.regex(reasons[0] ?? '', /is \d s away, and the calibration changes: expected one within `0.25 s`/);
});

test(
  'empty streams complete, streams that never emit never do',
  run(({ cold, expectObservable }, paired) => {
    expectObservable(paired(cold<CameraImage>('|'), cold<Info>('|'))).toBe('|');
    expectObservable(paired(cold<CameraImage>('|'), NEVER)).toBe('|');
    expectObservable(paired(NEVER, cold<Info>('|'))).toBe('');
  }),
);

test(
  'images that wait when their stream ends are emitted when the camera_infos end',
  run(({ cold, expectObservable }, paired) => {
    const image$ = cold('(ab|)', images());
    const info$ = cold(' --a--|', infos());
    expectObservable(paired(image$, info$)).toBe('--a--(b|)', { a: 'a<a', b: 'b~a' });
  }),
);

test(
  'an error of either stream is passed on',
  run(({ cold, expectObservable }, paired) => {
    expectObservable(paired(cold('a-#', images()), cold('a---', infos()))).toBe('a-#', { a: 'a<a' });
    expectObservable(
      paired(
        cold('a--', images()),
        throwError(() => 'error'),
      ),
    ).toBe('#');
  }),
);

test(
  'an early unsubscribe reaches both sources',
  run(({ cold, expectObservable, expectSubscriptions }, paired) => {
    const image$ = cold('a---b--', images());
    const info$ = cold(' a---b--', infos());
    expectObservable(paired(image$, info$), '--!').toBe('a', { a: 'a<a' });
    expectSubscriptions(image$.subscriptions).toBe('^-!');
    expectSubscriptions(info$.subscriptions).toBe('^-!');
  }),
);

test('synchronous sources are joined too', (t) => {
  const seen: string[] = [];
  pair(of(...Object.values(images())), of(...Object.values(infos()))).subscribe((item) =>
    seen.push(describe(item)),
  );
  t.deepEqual(seen, ['a<a', 'b<b', 'c<c', 'd<d', 'e<e']);
});

test('stamps that never match are one clear warning', (t) => {
  const statistics = new PipelineStatistics();
  const seen: string[] = [];
  const info$ = of(...Object.values(infos({}, 5_000_000n)));
  pair(of(...Object.values(images())), info$, { statistics }).subscribe((item) => seen.push(describe(item)));
  t.is(seen.length, 5);
  t.true(seen.every((text) => text.includes('~')));
  t.deepEqual(statistics.warnings, [
    {
      text: 'the stamps of /image and /camera_info do not match: the camera_info nearest in time serves',
      count: 5,
    },
  ]);
});

test('a camera_info known beforehand serves images that come before any other', (t) => {
  const seen: string[] = [];
  const initial = infos().c;
  if (initial === undefined) return t.fail();
  pair(of(...Object.values(images())), of<Info>(), { initial }).subscribe((item) =>
    seen.push(describe(item)),
  );
  return t.deepEqual(seen, ['a~c', 'b~c', 'c~c', 'd~c', 'e~c']);
});

test('a latched camera_info serves every image at once, and no image is said to lack one', (t) => {
  const statistics = new PipelineStatistics();
  const seen: string[] = [];
  const initial = infos().a;
  if (initial === undefined) return t.fail();
  const image$ = new Subject<CameraImage>();
  pair(image$, NEVER, { initial, statistics, latched: () => true }).subscribe((item) =>
    seen.push(describe(item)),
  );
  for (const [index, image] of Object.values(images()).entries()) {
    image$.next(image);
    t.is(seen.length, index + 1);
  }
  t.deepEqual(seen, ['a~a', 'b~a', 'c~a', 'd~a', 'e~a']);
  return t.deepEqual(statistics.warnings, []);
});

test('camera_infos without images are forgotten after a thousand, so that a stream without images takes no memory', (t) => {
  const info$ = new Subject<Info>();
  const image$ = new Subject<CameraImage>();
  const paired: FrameOrFault[] = [];
  pair(image$, info$).subscribe((item) => paired.push(item));
  for (let second = 1; second <= 1200; second++) {
    info$.next(delivered(testInfo({ ...small, stampNs: BigInt(second) * SECOND }), '/camera_info'));
  }
  for (const second of [1n, 150n, 1200n]) {
    image$.next(delivered(testImage({ ...small, stampNs: second * SECOND }), '/image'));
  }
  t.deepEqual(
    paired.map((item) => (item.kind === 'frame' ? item.pairedBy === 'stamp' : item.kind)),
    [false, false, true],
    'those of the first seconds are gone',
  );
});
