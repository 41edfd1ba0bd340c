import test from 'ava';
import { MessageError } from '../../../msgs/errors.js';
import { pointCloudPicture } from '../../../msgs/picture/point-cloud-picture.js';

const find = (rgb: Uint8Array, width: number, color: readonly number[]) => {
  for (let i = 0; i < rgb.length; i += 3) {
    if (color.every((value, channel) => rgb[i + channel] === value)) {
      return { column: (i / 3) % width, row: Math.floor(i / 3 / width) };
    }
  }
  return undefined;
};

test('seen from above, forward is up, right is right and the scale is height / range', (t) => {
  const picture = pointCloudPicture([5, 0, 20], [255, 1, 2], { width: 100, height: 100, rangeMeters: 50 });
  t.deepEqual(find(picture.rgb, 100, [255, 1, 2]), { column: 60, row: 59 });
});

test('seen from above, the higher point hides the lower one', (t) => {
  const points = [0.01, 1, 20, 0.01, -2, 20, 0.01, 0.5, 20];
  const picture = pointCloudPicture(points, [1, 0, 0, 2, 0, 0, 3, 0, 0], { width: 100, height: 100 });
  t.truthy(find(picture.rgb, 100, [2, 0, 0]));
  t.is(find(picture.rgb, 100, [3, 0, 0]), undefined);
});

test('seen obliquely, farther points on the ground are higher in the picture', (t) => {
  const options = { view: 'oblique', width: 200, height: 200 } as const;
  const { rgb } = pointCloudPicture([0, 1.6, 10, 0, 1.6, 40], [9, 0, 0, 8, 0, 0], options);
  const near = find(rgb, 200, [9, 0, 0]);
  const far = find(rgb, 200, [8, 0, 0]);
  t.is(near?.column, 100);
  t.true((far?.row ?? 999) < (near?.row ?? 0));
});

test('points that are not finite or lie behind the viewer are left out', (t) => {
  const points = [Number.NaN, 0, 5, 0, Number.POSITIVE_INFINITY, 5, 0, 0, -200];
  for (const view of ['top', 'oblique'] as const) {
    const { rgb } = pointCloudPicture(points, new Uint8Array(9).fill(255), { view });
    t.is(find(rgb, 600, [255, 255, 255]), undefined);
  }
});

test('colours that do not fit the points are refused', (t) => {
  t.throws(() => pointCloudPicture([0, 0, 1], [1, 2]), { instanceOf: MessageError });
});
