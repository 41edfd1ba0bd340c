import test from 'ava';
import { NewestTexts } from '../../../../nodes/viewer/server/newest-texts.js';

test('the first text goes out at once, and after it the newest of each kind, once a period', async (t) => {
  const clock = { ms: 0 };
  const sent: string[] = [];
  const made: number[] = [];
  const texts = new NewestTexts(
    (text) => sent.push(text),
    () => 20,
    () => clock.ms,
  );
  const offer = (kind: string, count: number) =>
    texts.offer(kind, () => {
      made.push(count);
      return `${kind} ${count}`;
    });
  offer('time', 1);
  t.deepEqual(sent, ['time 1']);
  for (let count = 2; count <= 100; count++) offer('time', count);
  offer('status', 101);
  offer('gone', 102);
  texts.forget('gone');
  t.is(sent.length, 1);
  while (sent.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  t.deepEqual(sent, ['time 1', 'time 100', 'status 101']);
  t.deepEqual(made, [1, 100, 101], 'what nobody gets is not made');
  clock.ms += 20;
  offer('time', 103);
  t.is(sent.at(-1), 'time 103');
  offer('time', 104);
  texts.end();
  await new Promise((resolve) => setTimeout(resolve, 60));
  t.is(sent.length, 4, 'nothing goes out after the end');
});
