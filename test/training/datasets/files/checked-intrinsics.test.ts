import test from 'ava';
import { checkedIntrinsics } from '../../../../training/datasets/files/checked-intrinsics.js';

test('intrinsics of a file are told apart from numbers that no camera has', (t) => {
  const camera = { fx: 700, fy: 710, cx: 600.5, cy: -3 };
  t.deepEqual(checkedIntrinsics('camera.json', camera), camera);
  for (const wrong of [{ fx: 0 }, { fy: -700 }, { cx: Number.NaN }, { fx: Number.POSITIVE_INFINITY }])
    t.throws(() => checkedIntrinsics('camera.json', { ...camera, ...wrong }), {
      name: 'TrainingError',
      message: /^camera\.json: expected focal lengths above `0` pixels and a centre, got fx /,
    });
});
