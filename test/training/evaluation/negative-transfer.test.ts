import test from 'ava';
import { CLASS_SETS } from '../../../training/datasets/classes/class-sets.js';
import { NegativeTransferTally } from '../../../training/evaluation/negative-transfer.js';
import { segmentationText } from '../../../training/evaluation/report-text.js';

const [ROAD, SIDEWALK, CAR, TRUCK] = [0, 1, 13, 14];
const image = (...labels: number[]) => Uint8Array.from(labels);

test('the rate is the share of images whose mIoU is lower than the other model has, by class set', (t) => {
  const tally = new NegativeTransferTally(CLASS_SETS, 'source-only 1');
  const truth = image(ROAD, ROAD, CAR, 255);
  tally.add(truth, image(ROAD, ROAD, CAR, CAR), image(ROAD, SIDEWALK, CAR, CAR)); // better
  tally.add(truth, image(ROAD, ROAD, CAR, CAR), image(ROAD, ROAD, CAR, ROAD)); // as good: what has no label does not count
  tally.add(truth, image(SIDEWALK, ROAD, CAR, CAR), image(ROAD, ROAD, CAR, CAR)); // worse, but not over the 7 classes
  tally.add(image(TRUCK, TRUCK), image(ROAD, ROAD), image(TRUCK, ROAD)); // worse; no class of 16 is there
  tally.add(image(255), image(ROAD), image(CAR)); // nothing is known
  const result = tally.result();
  t.is(result?.images, 4);
  t.deepEqual(result?.rates, { 19: 2 / 4, 16: 1 / 4, 13: 1 / 4, 7: 1 / 4 });
  const set = {
    classSet: '19',
    meanIou: 0.5,
    occurring: 19,
    classes: 19,
    pixelAccuracy: 0.5,
    pixels: 9,
    iou: {},
  };
  const text = segmentationText({ images: 4, unmatched: 0, classSets: [set], negativeTransfer: result });
  t.regex(text, /classes +mIoU +pixel accuracy +negative transfer\n19 +50\.0% +50\.0% +50\.0%/);
  t.regex(text, /below that of source-only 1, of 4/);
  t.is(new NegativeTransferTally(CLASS_SETS, 'none').result(), undefined);
});
