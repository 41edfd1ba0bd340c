import { letHeapsGrow } from '../models/let-heaps-grow.js';
import { measureReplay } from './measure-replay.js';

/**
 * One replay in a process of its own: `node replay-alone.js BAG OUTPUT MODEL POINTS_STRIDE [motion]`. Prints its measure as
 * one JSON object.
 */
const [bag = '', output = '', model = '', pointsStride = '4', motion] = process.argv.slice(2);
// As `rxdepth` itself does.
letHeapsGrow();
const measured = await measureReplay({
  ...{ bag, output, model, pointsStride: Number(pointsStride) },
  motion: motion === 'motion',
});
console.log(JSON.stringify(measured));
