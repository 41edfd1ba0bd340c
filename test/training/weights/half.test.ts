import test from 'ava';
import { halfBits, halfValue, toHalfBytes } from '../../../training/weights/half.js';

test('every half-precision number survives a round trip', (t) => {
  let wrong = 0;
  for (let bits = 0; bits < 65536; bits++) {
    const value = halfValue(bits);
    const back = halfBits(value);
    if (Number.isNaN(value)) {
      if (!Number.isNaN(halfValue(back))) wrong += 1;
    } else if (back !== bits) wrong += 1;
  }
  t.is(wrong, 0);
});

test('known values have the bits of IEEE 754-2008, table 3.5', (t) => {
  const known: [number, number][] = [
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [2 ** -14, 0x0400], // least normal number
    [2 ** -14 - 2 ** -24, 0x03ff], // largest subnormal one
    [2 ** -24, 0x0001],
    [1 / 3, 0x3555],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
  ];
  for (const [value, bits] of known) t.is(halfBits(value), bits, String(value));
  t.true(Object.is(halfValue(0x8000), -0));
  t.true(Number.isNaN(halfValue(halfBits(Number.NaN))));
});

test('what lies between two halves goes to the nearer one, a tie to the even one', (t) => {
  const spacing = 2 ** -10; // between 1 and 2
  t.is(halfBits(1 + spacing * 0.5), 0x3c00, 'tie down to even');
  t.is(halfBits(1 + spacing * 1.5), 0x3c02, 'tie up to even');
  t.is(halfBits(1 + spacing * 0.501), 0x3c01);
  t.is(halfBits(1 + spacing * 0.499), 0x3c00);
  t.is(halfBits(2 - spacing * 0.5), 0x4000, 'the carry reaches the exponent');
  t.is(halfBits(-(2 ** -25)), 0x8000, 'half of the least subnormal ties to zero');
  t.is(halfBits(2 ** -25 * 1.0001), 0x0001);
  t.is(halfBits(2 ** -24 * 1.5), 0x0002);
  t.is(halfBits(2 ** -14 - 2 ** -25), 0x0400, 'a subnormal rounds up to the least normal');
  t.is(halfBits(65519.99), 0x7bff);
  t.is(halfBits(65520), 0x7c00, 'from here on it is infinity');
  t.is(halfBits(1e-40), 0, 'subnormal float32');
});

test('bytes are little endian', (t) => {
  t.deepEqual([...toHalfBytes(Float32Array.of(1, -2))], [0x00, 0x3c, 0x00, 0xc0]);
});
