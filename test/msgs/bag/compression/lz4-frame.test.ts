import test from 'ava';
import fc from 'fast-check';
import { lz4Decompress } from '../../../../msgs/bag/compression/lz4-frame.js';
import { lz4Compress } from './lz4-compress.js';

test('decompresses a frame that the reference implementation wrote, with content size and checksum', (t) => {
  // python: lz4.frame.compress(b'abcabcabcabcabcabc-' * 20 + bytes(300), content_checksum=True)
  const frame = Buffer.from(FRAME, 'hex');
  const text = Buffer.concat([Buffer.from('abcabcabcabcabcabc-'.repeat(20)), Buffer.alloc(300)]);
  t.true(lz4Decompress(frame, text.length).equals(text));
});

const FRAME =
  '04224d186c40a802000000000000a51b0000003b61626303001b2d10000f1300ff481f000100ff145000000000000000000062b24cd8';

test('whatever is compressed comes back', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 3000 })), { maxLength: 40 }),
      (runs) => {
        const input = Buffer.concat(
          runs.map(([byte, length], index) => (index % 3 ? Buffer.alloc(length, byte) : noise(length, byte))),
        );
        t.true(lz4Decompress(lz4Compress(input), input.length).equals(input));
      },
    ),
  );
});

test('several blocks and incompressible data come back', (t) => {
  const input = Buffer.concat([noise(5 << 20, 1), Buffer.alloc(5 << 20, 'road ')]);
  const frame = lz4Compress(input);
  t.true(frame.length < 5.1 * (1 << 20));
  t.true(lz4Decompress(frame, input.length).equals(input));
});

test('a damaged frame throws or decompresses to the size asked for, and never writes beyond it', (t) => {
  const input = Buffer.concat([noise(300, 5), Buffer.alloc(900, 'ab'), noise(200, 9)]);
  const frame = lz4Compress(input);
  fc.assert(
    fc.property(fc.nat(frame.length - 1), fc.nat(255), (at, byte) => {
      const damaged = Buffer.from(frame);
      damaged[at] = byte;
      try {
        t.is(lz4Decompress(damaged, input.length).length, input.length);
      } catch (error) {
        t.true(error instanceof RangeError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

function noise(length: number, seed: number): Buffer {
  let state = seed + 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 16;
    }),
  );
}
