import test from 'ava';
import { LatencyHistogram } from '../../../nodes/perception/latency-histogram.js';
import { PipelineStatistics } from '../../../nodes/perception/pipeline-statistics.js';

const fault = (reason: string) =>
  ({ kind: 'fault', stage: 'decode', reason, topic: '/image', stampNs: 5n, logTimeNs: 6n }) as const;

test('percentiles are those of the sorted latencies to within 3 %', (t) => {
  const histogram = new LatencyHistogram();
  const values = Array.from({ length: 2000 }, (_, i) => 0.5 + ((i * 7919) % 2000) * 0.37);
  for (const value of values) histogram.add(value);
  const sorted = values.toSorted((a, b) => a - b);
  for (const quantile of [0.05, 0.5, 0.95, 0.99]) {
    const exact = sorted[Math.ceil(quantile * sorted.length) - 1] ?? 0;
    t.true(Math.abs(histogram.quantileMs(quantile) / exact - 1) < 0.03, `${quantile}`);
  }
  t.is(histogram.maxMs, Math.max(...values));
});

test('an empty histogram and absurd values do no harm', (t) => {
  const histogram = new LatencyHistogram();
  t.is(histogram.quantileMs(0.5), 0);
  for (const value of [Number.NaN, -1, 0, 1e12]) histogram.add(value);
  t.is(histogram.count, 2);
});

test('faults of one kind are one group whatever numbers their texts name', (t) => {
  const statistics = new PipelineStatistics();
  statistics.failed(fault('expected 100 bytes, got 99'));
  statistics.failed(fault('expected 200 bytes, got 7'));
  statistics.failed(fault('no data'));
  t.deepEqual(
    statistics.faults.map(({ reason, count }) => [reason, count]),
    [
      ['expected 100 bytes, got 99', 2],
      ['no data', 1],
    ],
  );
  t.is(statistics.faultCount, 3);
});

test('a bag full of different faults and warnings stays within bounds', (t) => {
  const statistics = new PipelineStatistics();
  const word = (i: number) =>
    i
      .toString(36)
      .replace(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? 'x')
      .repeat(3);
  for (let i = 0; i < 5000; i++) {
    statistics.failed(fault(word(i)));
    statistics.warned(word(i));
  }
  t.true(statistics.faults.length <= 51);
  t.true(statistics.warnings.length <= 50);
  t.is(statistics.faultCount, 5000);
});
