import { type FrameOrFault, replayBag } from 'rxdepth';
import { map, type OperatorFunction } from 'rxjs';

/** An operator of your own: the upper rows of raw images are blackened, here where a drone's propellers show. */
function blackenTop(rows: number): OperatorFunction<FrameOrFault, FrameOrFault> {
  return map((item) => {
    if (item.kind === 'fault' || !('encoding' in item.image.message)) return item;
    const { step, data, ...message } = item.image.message;
    const masked = Uint8Array.from(data).fill(0, 0, rows * step);
    return { ...item, image: { ...item.image, message: { ...message, step, data: masked } } };
  });
}

const [bag = '', output = ''] = process.argv.slice(2);
const { framesOut } = await replayBag({ bag, output, device: 'cpu', operator: blackenTop(8) });
console.log(`${framesOut} frames in ${output}`);
