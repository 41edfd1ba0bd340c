import test from 'ava';
import { Episodes } from '../../../nodes/perception-node/episodes.js';

function setting() {
  const said: string[] = [];
  const clock = { ms: 0 };
  const log = {
    info: (text: string) => void said.push(`info ${text}`),
    warn: (text: string) => void said.push(`warn ${text}`),
    error: (text: string) => void said.push(`error ${text}`),
  };
  return { said, clock, episodes: new Episodes(log, () => clock.ms) };
}

test('an event goes on until it has not come for 3 s; begin and end are logged once', (t) => {
  const { said, clock, episodes } = setting();
  for (const age of ['1.0', '2.0', '3.5']) {
    episodes.happened({ area: 'stamps', text: `images are ${age} s old` });
    clock.ms += 1000;
  }
  t.deepEqual(episodes.look([]), [{ area: 'stamps', text: 'images are 1.0 s old', count: 3, seconds: 3 }]);
  clock.ms += 3000;
  t.deepEqual(episodes.look([]), []);
  t.deepEqual(said, ['warn images are 1.0 s old', 'info over: images are 1.0 s old (3 times in 2 s)']);
  episodes.happened({ area: 'stamps', text: 'images are 9.0 s old' });
  t.is(said.at(-1), 'warn images are 9.0 s old');
});

test('a state is over as soon as it does not hold, and is said again every minute while it does', (t) => {
  const { said, clock, episodes } = setting();
  const state = { area: 'images', text: 'nobody publishes it' } as const;
  for (let second = 0; second <= 90; second++) {
    t.is(episodes.look([state]).length, 1);
    clock.ms += 1000;
  }
  t.deepEqual(episodes.look([]), []);
  t.deepEqual(said, [
    'warn nobody publishes it',
    'warn still: nobody publishes it (in 61 s)',
    'info over: nobody publishes it (in 90 s)',
  ]);
});

test('however many kinds there are, memory stays bounded', (t) => {
  const { episodes } = setting();
  for (let index = 0; index < 5000; index++) {
    const text = index.toString(2).replaceAll('0', 'o').replaceAll('1', 'l');
    episodes.happened({ area: 'results', text });
  }
  t.is(episodes.look([]).length, 50);
});
