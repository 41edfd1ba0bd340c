import { map, type OperatorFunction } from 'rxjs';
import { conversionGraph } from '../../../models/conversion-graph.js';
import { validateImage } from '../../../msgs/validate-image.js';
import { faultOf } from '../fault.js';
import { type CameraImage, type FrameOrFault, isRawImage } from '../frame.js';

/** Turns frames with an impossible image (no pixels, unknown encoding, wrong step, no data) into faults of the stage `validate`. Faults pass unchanged. */
export function validate(): OperatorFunction<FrameOrFault, FrameOrFault> {
  return map((item) => {
    if (item.kind === 'fault') return item;
    try {
      validateMessage(item.image);
      return item;
    } catch (error) {
      return faultOf('validate', item.image, error);
    }
  });
}

function validateMessage({ message }: CameraImage): void {
  if (!isRawImage(message)) {
    if (message.data.length === 0) throw new Error('compressed image without data');
    return;
  }
  const encoding = validateImage(message);
  if (encoding.channelOrder === undefined && conversionGraph(encoding.name, false) === undefined) {
    throw new Error(`\`encoding\` "${message.encoding}" is no camera image: it has no colour or brightness`);
  }
}
