import test from 'ava';
import { identityTransform } from '../../../../msgs/camera/rigid-transform.js';
import { steadierPixels, unsteadiness } from '../../../../training/adaptation/drive/motion-pixels.js';

/** Forward by these metres a frame, each target one frame after the one before. */
const moved = (meters: readonly number[], spacing = 1) =>
  meters.map((length, i) => {
    const nextPose = identityTransform();
    nextPose[11] = -length * spacing;
    return { target: i, next: i + spacing, nextPose };
  });

test('unsteadiness is the median jump of log speed between neighbours, whatever the spacing of the pictures', (t) => {
  // Jumps by factors of 2, 1 and 4.
  t.true(Math.abs(unsteadiness(moved([1, 2, 2, 8])) - Math.log(2)) < 1e-12);
  t.true(Math.abs(unsteadiness(moved([1, 2, 2, 8], 3)) - Math.log(2)) < 1e-12);
  t.true(Number.isNaN(unsteadiness(moved([1]))));
});

test('pictures that are far apart are no neighbours', (t) => {
  const [first, second] = moved([1, 2]);
  t.true(Number.isNaN(unsteadiness([first, { ...second, target: 90, next: 91 }])));
});

test('the road tells the motion where it is plainly steadier: figures of a highway drive', (t) => {
  // Metres a second of six pictures, all static pixels and the road alone.
  const still = moved([28.1, 12.3, 7.3, 15.1, 22.7, 21.7]);
  const road = moved([25.6, 24.7, 24.8, 24.7, 26.8, 26.5]);
  t.is(steadierPixels(still, road), 'road');
  t.is(steadierPixels(road, still), 'static');
});

test('all static pixels tell the motion where both are as good, or where the road is seldom seen', (t) => {
  const steady = moved([10, 10.1, 10.2, 10.1, 10.3]);
  t.is(steadierPixels(steady, steady), 'static');
  t.is(steadierPixels(moved([5, 9, 5, 9, 5]), moved([10, 10, 10])), 'static');
  t.is(steadierPixels(steady, []), 'static');
  t.is(steadierPixels([], []), 'static');
});
