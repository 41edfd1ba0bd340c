import test from 'ava';
import { ProblemLog } from '../../msgs/bag/problem-log.js';
import { quoteUntrusted } from '../../msgs/quote-untrusted.js';
import { PipelineStatistics } from '../../nodes/perception/pipeline-statistics.js';

test('a text of a megabyte keeps its beginning and end, and says how much was left out', (t) => {
  const text = `/begin${'x'.repeat(1_000_000)}/end`;
  const shown = quoteUntrusted(text);
  t.true(shown.length < 200);
  t.regex(shown, /^\/begin.*\(999890 characters more\).*\/end$/);
  t.is(quoteUntrusted('/camera/image_raw'), '/camera/image_raw');
  t.is(quoteUntrusted('Straße, 道路, 🚗'), 'Straße, 道路, 🚗');
});

test('nothing in it commands a terminal or breaks the line', (t) => {
  t.is(
    quoteUntrusted('a\x1b[2Jb\r\nc\u202ed\u2028e\ud800f'),
    'a\\x1b[2Jb\\x0d\\x0ac\\u202ed\\u2028e\\ud800f',
  );
});

test('faults, warnings and problems of a recording are bounded whatever it holds', (t) => {
  const long = `frame_id ${'y'.repeat(1_000_000)}`;
  const told: string[] = [];
  const statistics = new PipelineStatistics((text) => told.push(text));
  statistics.warned(long);
  statistics.failed({ kind: 'fault', stage: 'pair', reason: long, stampNs: 0n } as Parameters<
    PipelineStatistics['failed']
  >[0]);
  const log = new ProblemLog();
  log.add({ file: 'a.mcap', what: long, lost: long });
  const texts = [
    ...told,
    ...statistics.warnings.map(({ text }) => text),
    ...statistics.faults.map(({ reason }) => reason),
    ...log.problems.flatMap(({ what, lost }) => [what, lost]),
  ];
  t.is(texts.length, 5);
  for (const text of texts) t.true(text.length < 700);
});
