import test from 'ava';
import { firstValueFrom, from, map, type Observable, toArray } from 'rxjs';
import type { FrameOrFault } from '../../../../nodes/perception/frame.js';
import { checkOrder } from '../../../../nodes/perception/operators/check-order.js';
import { PipelineStatistics } from '../../../../nodes/perception/pipeline-statistics.js';
import { delivered, SECOND, testImage, testInfo } from '../../test-messages.js';

function frames(...seconds: number[]): Observable<FrameOrFault> {
  return from(seconds).pipe(
    map((second) => ({
      kind: 'frame' as const,
      image: delivered(testImage({ stampNs: BigInt(second) * SECOND }), '/image'),
      info: testInfo(),
      pairedBy: 'stamp' as const,
      arrivedMs: 0,
    })),
  );
}

const kinds = (items: FrameOrFault[]) => items.map((item) => item.kind);

test('recordings keep images with earlier or equal stamps, and report them', async (t) => {
  const statistics = new PipelineStatistics();
  const seen = frames(1, 3, 2, 3, 4).pipe(checkOrder({ outOfOrder: 'keep', statistics }), toArray());
  t.deepEqual(kinds(await firstValueFrom(seen)), ['frame', 'frame', 'frame', 'frame', 'frame']);
  t.deepEqual(
    statistics.warnings.map(({ text, count }) => [/earlier stamp/.test(text), count]),
    [
      [true, 1],
      [false, 1],
    ],
  );
});

test('live streams skip them as faults', async (t) => {
  const seen = frames(1, 3, 2, 3, 4).pipe(checkOrder({ outOfOrder: 'skip' }), toArray());
  t.deepEqual(kinds(await firstValueFrom(seen)), ['frame', 'frame', 'fault', 'fault', 'frame']);
});

test('live images without a stamp have no order', async (t) => {
  const seen = frames(0, 0, 5, 0).pipe(checkOrder({ outOfOrder: 'skip' }), toArray());
  t.deepEqual(kinds(await firstValueFrom(seen)), ['frame', 'frame', 'frame', 'frame']);
});
