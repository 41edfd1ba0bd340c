import test from 'ava';
import { parseDomainMix } from '../../../../training/datasets/prepare/domain-mix.js';

test('one name gives every sample that domain', (t) => {
  const domainOf = parseDomainMix('wide', 10);
  t.is(domainOf(0), 'wide');
  t.is(domainOf(9), 'wide');
});

test('domains follow each other; the last takes the rest', (t) => {
  const domainOf = parseDomainMix('wide:3, town-clean:2,traffic', 8);
  t.deepEqual([0, 1, 2, 3, 4, 5, 6, 7].map(domainOf), [
    'wide',
    'wide',
    'wide',
    'town-clean',
    'town-clean',
    'traffic',
    'traffic',
    'traffic',
  ]);
});

test('what reads otherwise, or leaves nothing for the last domain, is refused', (t) => {
  for (const text of ['', 'wide:3', 'wide,traffic', 'wide:x,traffic', 'Wide', 'wide:3,']) {
    t.throws(() => parseDomainMix(text, 10), { name: 'TrainingError', message: /DOMAIN/ }, text);
  }
  t.throws(() => parseDomainMix('wide:10,traffic', 10), {
    name: 'TrainingError',
    message: /fewer than `10`/,
  });
});
