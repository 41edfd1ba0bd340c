import test from 'ava';
import { H265Stream } from '../../../msgs/video/h265-stream.js';
import { annexB } from './bit-writer.js';

const unit = (type: number, ...rest: readonly number[]) => Uint8Array.from([type << 1, 1, ...rest]);
const [VPS, SPS, PPS] = [unit(32, 1), unit(33, 1), unit(34, 1)];

test('key frames are those of random access, from BLA to CRA', (t) => {
  const stream = new H265Stream();
  const kinds = [16, 19, 20, 21, 0, 1, 8, 9].map((type) => {
    const look = stream.look(annexB(VPS, SPS, PPS, unit(type, 0x80, type)));
    return look.kind === 'frame' && look.key;
  });
  t.deepEqual(kinds, [true, true, true, true, false, false, false, false]);
});

test('parameters alone, a frame that came twice, and one without its first slices are no frames', (t) => {
  const stream = new H265Stream();
  const key = annexB(unit(19, 0x80, 5));
  const kinds = [annexB(VPS, SPS, PPS), key, key, annexB(unit(1, 0x00, 5)), new Uint8Array(9)].map(
    (data) => stream.look(data).kind,
  );
  t.deepEqual(kinds, ['parameters', 'frame', 'repeated', 'damaged', 'damaged']);
});

test('a key frame needs its parameters; a frame between key frames is only told as that', (t) => {
  t.is(new H265Stream().look(annexB(SPS, unit(19, 0x80))).kind, 'damaged');
  t.deepEqual(new H265Stream().look(annexB(unit(1, 0x80))), {
    kind: 'frame',
    key: false,
    refresh: 0,
    missing: 0,
    leading: false,
  });
});
