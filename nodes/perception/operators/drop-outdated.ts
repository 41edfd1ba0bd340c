import { map, type OperatorFunction } from 'rxjs';
import { dropOf } from '../fault.js';
import type { CameraImage, FrameOrFault } from '../frame.js';

/** Why what belongs to an image is of no use any more; undefined while it is. */
export type Outdated = (image: CameraImage) => string | undefined;

/** Spares the computation of frames that waited for too long: they become faults that count as dropped. */
export function dropOutdated(outdated: Outdated): OperatorFunction<FrameOrFault, FrameOrFault> {
  return map((item) => {
    if (item.kind === 'fault') return item;
    const reason = outdated(item.image);
    return reason === undefined ? item : dropOf('late', item.image, reason);
  });
}
