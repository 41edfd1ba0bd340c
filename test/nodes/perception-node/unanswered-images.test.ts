import test from 'ava';
import { UnansweredImages } from '../../../nodes/perception-node/unanswered-images.js';

test('images are waited for from the first that has no result, however long nothing came before', (t) => {
  const images = new UnansweredImages();
  t.is(images.trouble(60_000, 0), undefined);
  images.came(1, 60_000);
  images.came(2, 61_000);
  t.is(images.trouble(62_999, 2), undefined);
  const expected = 'images come and no result comes of them for more than 3 s (3 images, 2 being computed)';
  t.deepEqual(images.trouble(63_000, 2), { area: 'results', text: expected });
});

test('a result begins it anew', (t) => {
  const images = new UnansweredImages();
  images.came(1, 0);
  images.answered();
  t.is(images.trouble(9000, 0), undefined);
  images.came(1, 9000);
  t.is(images.trouble(11_000, 1), undefined);
  t.regex(images.trouble(12_000, 1)?.text ?? '', /\(1 images, 1 being computed\)/);
});
