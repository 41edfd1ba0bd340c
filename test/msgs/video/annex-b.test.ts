import test from 'ava';
import { toAnnexB } from '../../../msgs/video/annex-b.js';
import { nalUnits } from '../../../msgs/video/nal-units.js';

/** A unit of H.264 of so many bytes, with a start code or behind its length. */
const slice = (bytes: number) => Buffer.from([0x41, ...Array<number>(bytes - 1).fill(7)]);
const behindLength = (unit: Uint8Array) => Buffer.from([0, 0, unit.length >> 8, unit.length & 255, ...unit]);

test('a length that looks like a start code is one where lengths came before it, or lead on to the end', (t) => {
  const packet = behindLength(slice(0x121));
  t.deepEqual([...packet.subarray(0, 4)], [0, 0, 1, 0x21]);
  t.false(toAnnexB(packet, 'h264', false)?.hadLengths);
  const { data, hadLengths } = toAnnexB(packet, 'h264', true) ?? {};
  t.true(hadLengths);
  t.deepEqual(nalUnits(data ?? packet), [slice(0x121)]);
  const two = toAnnexB(Buffer.concat([packet, behindLength(slice(5))]), 'h264', false);
  t.deepEqual(nalUnits(two?.data ?? packet), [slice(0x121), slice(5)]);
});

test('start codes stay as they are, and what has neither is told from both', (t) => {
  const packet = Buffer.concat([Buffer.from([0, 0, 0, 1]), slice(9)]);
  t.deepEqual(toAnnexB(packet, 'h264', false), { data: packet, hadLengths: false });
  t.deepEqual(toAnnexB(packet, 'h264', true), { data: packet, hadLengths: false });
  for (const data of [
    [1, 2, 3, 4, 5, 6, 7, 8],
    [1],
    [],
    [1, 100, 0, 31, 255, 225, 0, 9, 0x67],
    [0, 0, 0, 9, 0x41],
  ])
    for (const codec of ['h264', 'h265'] as const)
      t.is(toAnnexB(Uint8Array.from(data), codec, false), undefined);
});
