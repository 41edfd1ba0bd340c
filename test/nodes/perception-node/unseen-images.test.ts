import test from 'ava';
import { UnseenImages } from '../../../nodes/perception-node/unseen-images.js';

test('of images that were left with DDS, those between two that were taken are counted', (t) => {
  const images = new UnseenImages();
  images.info(1n, false);
  t.is(images.image(1n), 0);
  for (const stamp of [2n, 3n, 4n]) images.info(stamp, true);
  t.is(images.image(4n), 2);
  t.is(images.image(5n), 0);
});

test('a camera_info that overtakes its image is counted with that image', (t) => {
  const images = new UnseenImages();
  images.image(1n);
  for (const stamp of [2n, 3n, 4n]) images.info(stamp, true);
  t.is(images.image(3n), 1);
  t.is(images.image(4n), 0);
});

test('what the network lost, and what came before the first image, is none of them', (t) => {
  const images = new UnseenImages();
  images.info(1n, true);
  t.is(images.image(2n), 0);
  images.info(3n, false);
  t.is(images.image(4n), 0);
});
