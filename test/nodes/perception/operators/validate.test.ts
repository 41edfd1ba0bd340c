import test from 'ava';
import { firstValueFrom, of } from 'rxjs';
import type { CompressedImage } from '../../../../msgs/compressed-image.js';
import type { Image } from '../../../../msgs/image.js';
import type { FrameOrFault } from '../../../../nodes/perception/frame.js';
import { validate } from '../../../../nodes/perception/operators/validate.js';
import { delivered, testImage, testInfo } from '../../test-messages.js';

function judged(message: Image | CompressedImage): Promise<FrameOrFault> {
  const image = delivered(message, '/image');
  const frame = { kind: 'frame', image, info: testInfo(), pairedBy: 'stamp', arrivedMs: 0 } as const;
  return firstValueFrom(of(frame).pipe(validate()));
}

test('a sound image passes as it is', async (t) => {
  t.is((await judged(testImage())).kind, 'frame');
  t.is((await judged({ header: testImage().header, format: 'jpeg', data: Uint8Array.of(1) })).kind, 'frame');
});

test('images that cannot be right become faults that say what is wrong', async (t) => {
  const image = testImage();
  const wrong: [Image | CompressedImage, RegExp][] = [
    [{ ...image, width: 0 }, /above 0/],
    [{ ...image, encoding: 'rgb7' }, /unknown `encoding` "rgb7"/],
    [{ ...image, step: 10 }, /expected `step`/],
    [{ ...image, data: image.data.subarray(5) }, /expected `data`/],
    [{ ...image, encoding: '32FC1', width: 4, height: 1 }, /no camera image/],
    [{ header: image.header, format: 'jpeg', data: new Uint8Array() }, /without data/],
  ];
  for (const [message, reason] of wrong) {
    const item = await judged(message);
    t.is(item.kind, 'fault');
    t.regex(item.kind === 'fault' ? item.reason : '', reason);
  }
});
