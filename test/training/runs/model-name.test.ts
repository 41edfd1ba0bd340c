import test from 'ava';
import { METHODS } from '../../../training/methods/methods.js';
import { completeOptions } from '../../../training/runs/complete-options.js';
import { modelName } from '../../../training/runs/model-name.js';

test('models are called after method and preset, those of the supervised training after the product', (t) => {
  const named = (name: string, preset: string, given: object = {}) => {
    const method = METHODS.find((each) => each.name === name);
    if (method === undefined) return t.fail(name);
    return modelName(method, completeOptions(method, { preset, ...given }));
  };
  t.is(named('dada', 'narrow', { target: 'bag:drive' }), 'dada-narrow');
  t.is(named('supervised', 'efficient'), 'rxdepth-efficient');
  t.is(named('linear-depth', 'compact'), 'linear-depth-compact');
});
