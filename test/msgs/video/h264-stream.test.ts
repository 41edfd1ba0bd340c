import test from 'ava';
import { H264Stream } from '../../../msgs/video/h264-stream.js';
import { annexB, BitWriter } from './bit-writer.js';

/** frame_num counts to 16. */
const COUNT_BITS = 4;
const SPS = new BitWriter()
  .bits(66, 8) // baseline
  .bits(0, 8)
  .bits(30, 8)
  .ue(0)
  .ue(COUNT_BITS - 4)
  .ue(2)
  .ue(1)
  .bits(0, 1)
  .ue(19)
  .ue(11)
  .bits(1, 1)
  .nal(0x67);
/** The high profile with a scaling matrix, frame_num to 256, and fields. */
const SPS_OF_FIELDS = highSps();
const PPS = new BitWriter().ue(0).ue(0).bits(0, 2).nal(0x68);

function highSps(): Uint8Array {
  const bits = new BitWriter()
    .bits(100, 8)
    .bits(0, 8)
    .bits(30, 8)
    .ue(0)
    .ue(1)
    .ue(0)
    .ue(0)
    .bits(0, 1)
    .bits(1, 1);
  // The first list has 16 numbers, of which the second ends it; the others are left out.
  bits.bits(1, 1).se(4).se(-12).bits(0, 7);
  return bits
    .ue(8 - 4)
    .ue(1)
    .bits(0, 1)
    .se(-3)
    .se(2)
    .ue(2)
    .se(7)
    .se(-7)
    .ue(2)
    .bits(0, 1)
    .ue(19)
    .ue(5)
    .bits(0, 1)
    .nal(0x67);
}

interface SliceOf {
  readonly frameNum: number;
  readonly idr?: boolean;
  readonly reference?: boolean;
  readonly first?: number;
  readonly bits?: number;
  readonly field?: 'top' | 'bottom' | 'frame';
  /** Tells slices apart. */
  readonly content?: number;
}

function slice({
  frameNum,
  idr,
  reference = true,
  first = 0,
  bits = COUNT_BITS,
  field,
  content = 0,
}: SliceOf): Uint8Array {
  const writer = new BitWriter().ue(first).ue(7).ue(0).bits(frameNum, bits);
  if (field === 'frame') writer.bits(0, 1);
  else if (field !== undefined) writer.bits(1, 1).bits(field === 'bottom' ? 1 : 0, 1);
  if (idr === true) writer.ue(0);
  return writer.bits(content, 16).nal((reference ? 0x60 : 0) | (idr ? 5 : 1));
}

const KEY = annexB(SPS, PPS, slice({ frameNum: 0, idr: true }));

/** Looks at packets 0.1 s apart. */
function looks(packets: readonly Uint8Array[], stepNs: (index: number) => bigint = () => 100_000_000n) {
  const stream = new H264Stream();
  let stampNs = 0n;
  return packets.map((packet, index) => {
    stampNs += stepNs(index);
    return stream.look(packet, stampNs);
  });
}

const missing = (packets: readonly Uint8Array[]) =>
  looks(packets).map((look) => (look.kind === 'frame' ? look.missing : look.kind));

test('a key frame is an IDR frame, or one with a recovery point, whose refresh is told', (t) => {
  // A user's message of 300 bytes before it: sizes beyond 255 take two bytes.
  const sei = new BitWriter().bits(5, 8).bits(255, 8).bits(45, 8);
  for (let index = 0; index < 300; index++) sei.bits(index % 2, 8);
  const recovery = sei.bits(6, 8).bits(2, 8).ue(7).bits(0, 8).nal(0x06);
  t.deepEqual(looks([KEY, annexB(slice({ frameNum: 1 })), annexB(recovery, slice({ frameNum: 2 }))]), [
    { kind: 'frame', key: true, refresh: 0, missing: 0, leading: false },
    { kind: 'frame', key: false, refresh: 0, missing: 0, leading: false },
    { kind: 'frame', key: true, refresh: 7, missing: 0, leading: false },
  ]);
});

test('a gap in frame_num says how many packets are missing, round the end of its count too', (t) => {
  const frames = Array.from({ length: 40 }, (_, index) =>
    index === 0 ? KEY : annexB(slice({ frameNum: index % 16, content: index })),
  );
  t.true(missing(frames).every((count) => count === 0));
  for (const lost of [1, 2, 14]) {
    for (const at of [3, 15, 16, 20])
      t.is(missing([...frames.slice(0, at), ...frames.slice(at + lost)])[at], lost, `${lost} at ${at}`);
  }
});

test('after frames that nothing refers to, frame_num does not grow, and none of them is missed', (t) => {
  const plain = (frameNum: number) => annexB(slice({ frameNum, reference: false, content: frameNum }));
  const other = annexB(slice({ frameNum: 2, reference: false, content: 99 }));
  const referred = (frameNum: number) => annexB(slice({ frameNum, content: frameNum }));
  t.deepEqual(
    missing([KEY, referred(1), plain(2), other, referred(2), plain(3), referred(3)]),
    [0, 0, 0, 0, 0, 0, 0],
  );
  t.deepEqual(missing([KEY, referred(1), plain(3), referred(4)]), [0, 0, 1, 2]);
});

test('a pause in which frame_num may have gone round counts as a gap, a shorter one does not', (t) => {
  const frames = Array.from({ length: 12 }, (_, index) =>
    index === 0 ? KEY : annexB(slice({ frameNum: index % 16, content: index })),
  );
  const after = (steps: bigint) =>
    looks(frames, (index) => (index === 10 ? steps * 100_000_000n : 100_000_000n)).map((look) =>
      look.kind === 'frame' ? look.missing : -1,
    );
  t.is(after(15n)[10], 0);
  // 16 frames, all of whose numbers came round, fit between.
  t.is(after(17n)[10], 16);
});

test('the fields of a frame share its frame_num, in streams with all that a parameter set can hold', (t) => {
  const field = (frameNum: number, which: 'top' | 'bottom') =>
    annexB(slice({ frameNum, bits: 8, field: which, content: frameNum }));
  const key = annexB(SPS_OF_FIELDS, PPS, slice({ frameNum: 0, idr: true, bits: 8, field: 'frame' }));
  const packets = [
    key,
    field(1, 'top'),
    field(1, 'bottom'),
    field(2, 'top'),
    field(2, 'bottom'),
    field(200, 'top'),
  ];
  t.deepEqual(missing(packets), [0, 0, 0, 0, 0, 197]);
});

test('parameters alone, a frame that came twice, and one without its first slices are no frames', (t) => {
  const second = annexB(slice({ frameNum: 1 }));
  const torn = annexB(slice({ frameNum: 2, first: 40 }));
  const kinds = looks([annexB(SPS, PPS), KEY, second, second, torn]).map(({ kind }) => kind);
  t.deepEqual(kinds, ['parameters', 'frame', 'frame', 'repeated', 'damaged']);
});

test('what has no start code, no parameters or no end is damaged, and says so', (t) => {
  const look = (packet: Uint8Array) => {
    const [seen] = looks([packet]);
    return seen?.kind === 'damaged' ? seen.what : seen?.kind;
  };
  t.regex(look(new Uint8Array(20)) ?? '', /start code/);
  t.regex(look(annexB(slice({ frameNum: 0, idr: true }))) ?? '', /parameter sets/);
  t.regex(look(annexB(SPS.subarray(0, 3))) ?? '', /cannot be read: the NAL unit ends too early/);
  // Between key frames parameters are not known yet: that is no damage.
  t.deepEqual(looks([annexB(slice({ frameNum: 3 }))]), [
    { kind: 'frame', key: false, refresh: 0, missing: 0, leading: false },
  ]);
});
