import { map, type OperatorFunction } from 'rxjs';
import { dropOf } from '../fault.js';
import type { CameraImage, FrameOrFault } from '../frame.js';

/** Returns in words why results of an image are too late to be useful; undefined while they are not. It is called for every frame. */
export type Outdated = (image: CameraImage) => string | undefined;

/** Turns frames that waited too long into faults of the stage `late`, which count as dropped. They are then not computed. Faults pass unchanged. */
export function dropOutdated(outdated: Outdated): OperatorFunction<FrameOrFault, FrameOrFault> {
  return map((item) => {
    if (item.kind === 'fault') return item;
    const reason = outdated(item.image);
    return reason === undefined ? item : dropOf('late', item.image, reason);
  });
}
