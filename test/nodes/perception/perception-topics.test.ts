import test from 'ava';
import type { Manifest } from '../../../models/manifest.js';
import { advertisements, perceptionTopics } from '../../../nodes/perception/perception-topics.js';

const classes: Manifest['classes'] = [{ name: 'road', color: [0, 0, 0], dynamic: false }];
const disparity = { kind: 'inverse-depth', metric: true, farMeters: 80 } as const;
const namesOf = (metric: boolean, model: Pick<Manifest, 'depth' | 'classes'>) =>
  advertisements(perceptionTopics('/rxdepth', metric, model)).map(({ topic }) =>
    topic.replace('/rxdepth/', ''),
  );

test('a model offers the topics of what it gives, and no others', (t) => {
  const segmentation = [
    'segmentation/labels',
    'segmentation/color',
    'segmentation/label_info',
    'dynamic/mask',
  ];
  const metric = ['depth/image', 'depth/camera_info', ...segmentation, 'points', 'status'];
  t.deepEqual(namesOf(true, { depth: disparity, classes }), metric);
  t.deepEqual(namesOf(false, { depth: disparity, classes: [] }), [
    'depth/relative',
    'depth/camera_info',
    'status',
  ]);
  t.deepEqual(namesOf(false, { depth: { kind: 'none', metric: false }, classes }), [
    ...segmentation,
    'status',
  ]);
});
