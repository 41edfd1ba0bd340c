import test from 'ava';
import { bagsOfShard, parseShard, shardTag } from '../../../nodes/fleet/shard.js';

test('the shards deal every bag to exactly one of them, whatever order they are given in', (t) => {
  const bags = Array.from({ length: 23 }, (_, i) => `/drives/${i}`);
  const mixed = [...bags].reverse();
  const dealt = [0, 1, 2, 3].map((index) => bagsOfShard(index % 2 ? bags : mixed, { index, count: 4 }));
  t.deepEqual(dealt.flat().sort(), [...bags].sort());
  t.true(dealt.every(({ length }) => length === 5 || length === 6));
  t.deepEqual(bagsOfShard(mixed, undefined), mixed);
});

test("an index is given, or a Kubernetes pod's; anything else is refused", (t) => {
  t.deepEqual(parseShard('2/8', {}), { index: 2, count: 8 });
  t.deepEqual(parseShard('/8', { JOB_COMPLETION_INDEX: '7' }), { index: 7, count: 8 });
  t.is(shardTag({ index: 2, count: 8 }), '-2-of-8');
  const message = { message: /--shard/ };
  for (const text of ['8/8', '1', '1/0', '-1/4', 'a/4', '1/4/2', '/'])
    t.throws(() => parseShard(text, {}), message, text);
  t.throws(() => parseShard('/8', {}), { message: /JOB_COMPLETION_INDEX is not set/ });
  t.throws(() => parseShard('/8', { JOB_COMPLETION_INDEX: '8' }), { message: /from 0 to 7, got 8/ });
  t.throws(() => parseShard('/8', { JOB_COMPLETION_INDEX: 'x' }), { message: /is `x`/ });
});
