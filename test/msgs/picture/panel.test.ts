import test from 'ava';
import { MessageError } from '../../../msgs/errors.js';
import { drawText } from '../../../msgs/picture/draw-text.js';
import { labelPicture } from '../../../msgs/picture/label-picture.js';
import { maskPicture } from '../../../msgs/picture/mask-picture.js';
import { overlay } from '../../../msgs/picture/overlay.js';
import { panel } from '../../../msgs/picture/panel.js';
import { resizePicture } from '../../../msgs/picture/resize-picture.js';
import { rgbPicture } from '../../../msgs/picture/rgb-picture.js';

const solid = (width: number, height: number, value: number) =>
  rgbPicture(width, height, new Uint8Array(width * height * 3).fill(value));

test('four wide pictures become a two by two panel with captions', (t) => {
  const tiles = [10, 20, 30, 40].map((value) => ({ caption: `n${value}`, picture: solid(60, 20, value) }));
  const result = panel(tiles);
  t.is(result.width, 60 + 4 + 60);
  t.is(result.height, 2 * (13 + 20) + 4);
  const at = (x: number, y: number): number | undefined => result.rgb[(y * result.width + x) * 3];
  t.is(at(30, 13 + 10), 10);
  t.is(at(64 + 30, 13 + 10), 20);
  t.is(at(30, 33 + 4 + 13 + 10), 30);
  t.is(at(64 + 30, 33 + 4 + 13 + 10), 40);
  t.true(result.rgb.subarray(0, result.width * 13 * 3).includes(235));
});

test('tiles of other sizes are scaled to one width and keep their shape', (t) => {
  const result = panel(
    [
      { caption: 'a', picture: solid(100, 50, 1) },
      { caption: 'b', picture: solid(50, 50, 2) },
    ],
    { columns: 1, tileWidth: 100 },
  );
  t.is(result.height, 13 + 50 + 4 + 13 + 100);
});

test('a panel without pictures is refused', (t) => {
  t.throws(() => panel([]), { instanceOf: MessageError });
});

test('text sets exactly the dots of the glyphs and is cut off at the edges', (t) => {
  const picture = rgbPicture(5, 9);
  drawText(picture, { text: 'L', left: 0, top: 0 });
  const rows = Array.from({ length: 9 }, (_, y) =>
    Array.from({ length: 5 }, (_, x) => (picture.rgb[(y * 5 + x) * 3] ? '#' : '.')).join(''),
  );
  t.deepEqual(rows, ['#....', '#....', '#....', '#....', '#....', '#....', '#####', '.....', '.....']);
  t.notThrows(() => drawText(picture, { text: 'far beyond the edge', left: -7, top: -3 }));
});

test('a picture that shrinks is averaged, one that grows repeats its pixels', (t) => {
  const picture = rgbPicture(2, 1, new Uint8Array([0, 10, 20, 100, 110, 120]));
  t.deepEqual([...resizePicture(picture, 1, 1).rgb], [50, 60, 70]);
  t.deepEqual([...resizePicture(picture, 4, 1).rgb], [0, 10, 20, 0, 10, 20, 100, 110, 120, 100, 110, 120]);
});

test('labels take their palette colour and unlabelled pixels are black', (t) => {
  const picture = labelPicture(new Uint8Array([1, 0, 255]), 1, 3, [
    [1, 2, 3],
    [4, 5, 6],
  ]);
  t.deepEqual([...picture.rgb], [4, 5, 6, 1, 2, 3, 0, 0, 0]);
  t.throws(() => labelPicture(new Uint8Array(3), 2, 2, []), { instanceOf: MessageError });
});

test('an overlay blends pictures of one size only', (t) => {
  t.deepEqual([...overlay(solid(1, 1, 100), solid(1, 1, 200), 0.25).rgb], [125, 125, 125]);
  t.throws(() => overlay(solid(1, 1, 0), solid(2, 1, 0)), { instanceOf: MessageError });
});

test('a mask tints what is inside and darkens what is outside', (t) => {
  const picture = maskPicture(solid(2, 1, 100), new Uint8Array([255, 0]), [200, 0, 0]);
  t.deepEqual([...picture.rgb], [150, 50, 50, 60, 60, 60]);
});

test('a picture whose bytes do not fit its size is refused', (t) => {
  t.throws(() => rgbPicture(2, 2, new Uint8Array(11)), { message: /`12` bytes, got `11`/ });
  t.throws(() => rgbPicture(0, 2), { instanceOf: MessageError });
});
