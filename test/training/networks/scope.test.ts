import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { Scope } from '../../../training/networks/scope.js';

test('children name their parameters and statistics by the dotted path', (t) => {
  const weight = tf.ones([2]);
  const scope = Scope.over({ 'encoder.layer1.0.weight': weight }, true);
  const layer = scope.child('encoder').child('layer1').child(0);
  t.is(layer.parameter('weight', [2], { kind: 'heNormal' }), weight);
  layer.update('running_mean', weight);
  t.deepEqual(Object.keys(scope.updates()), ['encoder.layer1.0.running_mean']);
  t.true(layer.training);
});

test('a parameter that is missing or of another shape is an error that names it', (t) => {
  const scope = Scope.over({ 'a.w': tf.ones([2, 3]) }, false).child('a');
  t.throws(() => scope.parameter('v', [1], { kind: 'heNormal' }), {
    name: 'TrainingError',
    message: /`a\.v` is missing/,
  });
  t.throws(() => scope.parameter('w', [3, 2], { kind: 'heNormal' }), {
    name: 'TrainingError',
    message: /`a\.w` has shape \[2,3\], the network needs \[3,2\]/,
  });
});
