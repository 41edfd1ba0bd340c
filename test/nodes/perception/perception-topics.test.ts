import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type { Manifest } from '../../../models/manifest.js';
import { packageRoot } from '../../../models/package-root.js';
import { codecFor } from '../../../msgs/codecs.js';
import { withOutputTable } from '../../../nodes/perception/output-table.js';
import { OUTPUT_ROWS } from '../../../nodes/perception/outputs.js';
import { advertisements, type Offer, perceptionTopics } from '../../../nodes/perception/perception-topics.js';

const classes: Manifest['classes'] = [{ name: 'road', color: [0, 0, 0], dynamic: false }];
const disparity = { kind: 'inverse-depth', metric: true, farMeters: 80 } as const;
const namesOf = (offer: Offer) =>
  advertisements(perceptionTopics('/rxdepth', offer)).map(({ topic }) => topic.replace('/rxdepth/', ''));
const fileText = (name: string) => readFileSync(path.join(packageRoot(), name), 'utf8');

test('a model offers the topics of what it gives, and no others', (t) => {
  const segmentation = [
    'segmentation/labels',
    'segmentation/color',
    'segmentation/label_info',
    'dynamic/mask',
  ];
  const metric = ['depth/image', 'depth/camera_info', ...segmentation, 'points', 'status'];
  t.deepEqual(namesOf({ metric: true, model: { depth: disparity, classes } }), metric);
  t.deepEqual(namesOf({ metric: false, model: { depth: disparity, classes: [] } }), [
    'depth/relative',
    'depth/camera_info',
    'status',
  ]);
  t.deepEqual(namesOf({ metric: false, model: { depth: { kind: 'none', metric: false }, classes } }), [
    ...segmentation,
    'status',
  ]);
});

test('a model that tells how far its depth may be trusted offers that too, unless it is not wanted', (t) => {
  const model = { depth: disparity, classes, confidence: { within: 1.25 } };
  t.true(namesOf({ metric: true, model }).includes('depth/confidence'));
  t.true(namesOf({ metric: false, model }).includes('depth/confidence'));
  t.false(namesOf({ metric: true, model, confidence: false }).includes('depth/confidence'));
  t.false(namesOf({ metric: true, model: { depth: disparity, classes } }).includes('depth/confidence'));
});

test('before a scale is known, topics for frames with and without one are offered', (t) => {
  const names = namesOf({ metric: 'later', model: { depth: disparity, classes }, motion: true });
  for (const name of ['depth/image', 'depth/relative', 'points', 'points/static', 'dynamic/moving'])
    t.true(names.includes(name), name);
});

test('where it is asked for, images are offered compressed as image_transport names them', (t) => {
  const topics = perceptionTopics('/rxdepth', {
    metric: true,
    model: { depth: disparity, classes },
    motion: true,
  });
  const compressed = advertisements(topics, true).filter(({ compressionOf }) => compressionOf !== undefined);
  t.deepEqual(
    compressed.map(({ topic, type, compressionOf }) => [topic, type, compressionOf?.topic]),
    [
      ['depth/image', 'compressedDepth'],
      ['segmentation/labels', 'compressed'],
      ['segmentation/color', 'compressed'],
      ['dynamic/mask', 'compressed'],
      ['dynamic/moving', 'compressed'],
    ].map(([topic, last]) => [
      `/rxdepth/${topic}/${last}`,
      'sensor_msgs/msg/CompressedImage',
      `/rxdepth/${topic}`,
    ]),
  );
  t.true(advertisements(topics).every(({ compressionOf }) => compressionOf === undefined));
});

test('names are relative where there is no namespace', (t) => {
  t.is(perceptionTopics('', { metric: true, model: { depth: disparity, classes } }).depth, 'depth/image');
});

test('the table of docs/topics.md is that of the code', (t) => {
  const topics = fileText('docs/topics.md');
  t.is(topics, withOutputTable(topics), 'run `npm run docs:parameters`');
  for (const [, { topic }] of OUTPUT_ROWS) t.true(topics.includes(`${topic}\``), topic);
});

test('the type of every output has a codec, by which it can be read back', (t) => {
  for (const [key, { codec }] of OUTPUT_ROWS) t.is(codecFor(codec.type)?.definition, codec.definition, key);
});

test('the RViz and Foxglove layouts show outputs that there are', (t) => {
  const known = new Set(OUTPUT_ROWS.map(([, { topic }]) => topic));
  for (const name of ['launch/config/perception.rviz', 'launch/config/perception.foxglove.json']) {
    const shown = [...fileText(name).matchAll(/\/rxdepth\/([\w/]+)/g)].map((match) => match[1] ?? '');
    t.true(shown.length > 0, name);
    for (const topic of shown) t.true(known.has(topic), `${name}: ${topic}`);
  }
});
