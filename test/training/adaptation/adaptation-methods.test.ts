import test from 'ava';
import { ADAPTATION_METHODS, adaptationMethod } from '../../../training/adaptation/adaptation-methods.js';

test('a method is found by its name, several by their names with commas between, in this order', (t) => {
  for (const method of ADAPTATION_METHODS) t.is(adaptationMethod(method.name), method);
  t.is(adaptationMethod('da-monodepth, sgdepth').name, 'da-monodepth,sgdepth');
});

test('a method that is not there, or there twice, is told with those that are', (t) => {
  for (const text of ['monodepth3', '', 'sgdepth,', 'sgdepth,monodepth3', 'sgdepth da-monodepth']) {
    t.throws(() => adaptationMethod(text), {
      name: 'TrainingError',
      message: /--method: expected `sgdepth`, `da-monodepth`.*or several of them with commas between, got `/,
    });
  }
  t.throws(() => adaptationMethod('sgdepth,da-monodepth,sgdepth'), {
    name: 'TrainingError',
    message: /expected each method once, got `sgdepth` twice/,
  });
});

test('several methods need motion only where each of them does', (t) => {
  t.true(adaptationMethod('sgdepth').needsMotion);
  t.false(adaptationMethod('sgdepth,da-monodepth').needsMotion);
});
