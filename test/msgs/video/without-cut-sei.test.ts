import test from 'ava';
import { withoutCutSei } from '../../../msgs/video/without-cut-sei.js';
import { annexB, BitWriter } from './bit-writer.js';

test('supplemental units that end too early go, all else stays as it was', (t) => {
  const slice = Uint8Array.from([0x65, 1, 2, 3]);
  const whole = new BitWriter().bits(5, 8).bits(3, 8).bits(0xabcdef, 24).nal(0x06);
  const cut = new BitWriter().bits(5, 8).bits(200, 8).bits(0xabcdef, 24).nal(0x06);
  const sound = annexB(whole, slice);
  t.is(withoutCutSei(sound, 'h264'), sound);
  t.deepEqual(Uint8Array.from(withoutCutSei(annexB(cut, whole, slice), 'h264')), sound);
  const h265 = (unit: Uint8Array) => Uint8Array.from([39 << 1, 1, ...unit.subarray(1)]);
  const frame = Uint8Array.from([19 << 1, 1, 0x80]);
  t.deepEqual(
    Uint8Array.from(withoutCutSei(annexB(h265(cut), h265(whole), frame), 'h265')),
    annexB(h265(whole), frame),
  );
});
