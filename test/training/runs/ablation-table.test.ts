import test from 'ava';
import { ablationTable } from '../../../training/runs/ablation-table.js';

const result = (row: string, absRel: number, meanIou = Number.NaN) => ({
  row,
  figures: { absRel, absRelDynamic: 0.5, sqRel: 4, rmse: 10, rmseLog: 0.5, delta1: 0.4, meanIou },
});

test('every row has its mean and, over several seeds, the standard deviation of a sample', (t) => {
  const table = ablationTable(
    ['only depth', 'full', 'missing'],
    [result('full', 0.2, 0.5), result('only depth', 0.3), result('full', 0.4, 0.5)],
  );
  const [header, rule, alone, full, missing] = table.split('\n').map((line) => line.split(' | '));
  t.is(header?.[2], 'AbsRel');
  t.is(rule?.length, header?.length);
  t.is(alone?.[2], '0.300');
  t.is(alone?.at(-1), '- |', 'a row without segmentation has no mIoU');
  // mean 0.3; deviations 0.1 and 0.1; sqrt(0.02 / (2 - 1)) = 0.141
  t.is(full?.[2], '0.300 +- 0.141');
  t.is(full?.at(-1), '0.500 +- 0.000 |');
  t.deepEqual(missing?.slice(0, 3), ['| missing', '0', '-']);
});

test('figures that are not known have their own name, those that nobody has no column', (t) => {
  const table = ablationTable(['a'], [{ row: 'a', figures: { domainAccuracy: 0.75, rmse: 5 } }]);
  t.deepEqual(table.split('\n').slice(0, 3), [
    '| row | seeds | RMSE | domainAccuracy |',
    '| --- | --- | --- | --- |',
    '| a | 1 | 5.00 | 0.750 |',
  ]);
});
