import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { openBag } from '../../../msgs/bag/open-bag.js';
import type { CameraSettings } from '../../../msgs/camera/camera-settings.js';
import { isRemote } from '../../../msgs/remote/remote-url.js';
import { TrainingError } from '../../errors.js';
import { guardCamera } from '../judge/guard-drives.js';
import { driveCamera } from './read-drive.js';

export interface CheckedDrives {
  readonly bags: readonly string[];
  readonly guards?: readonly string[] | undefined;
  readonly names: CameraSettings;
}

/**
 * Looks whether all recordings are there, have a camera, and are different ones: before anything is waited for, or learned.
 * @throws TrainingError for a recording that is named twice; MessageError or TrainingError for one that cannot be used.
 */
export async function checkDrives({ bags, guards = [], names }: CheckedDrives): Promise<void> {
  for (const bag of bags) await checkDrive(bag, () => names);
  for (const guard of guards) await checkDrive(guard, (reader) => guardCamera(reader, names));
  const learned = await Promise.all(bags.map(placeOf));
  const judged = await Promise.all(guards.map(placeOf));
  const both = guards.find((_, i) => learned.some((place) => isSame(place, judged[i])));
  if (both !== undefined) {
    throw new TrainingError(
      `--guard ${both}: expected another drive, this one is learned from; leave it out.`,
      { field: '--guard' },
    );
  }
  for (const [what, given, places] of [
    ['bag', bags, learned],
    ['--guard', guards, judged],
  ] as const) {
    const twice = given.find((_, i) => places.slice(0, i).some((place) => isSame(place, places[i])));
    if (twice === undefined) continue;
    throw new TrainingError(
      `${what} ${twice}: expected each drive once, this one is named twice; leave it out.`,
      {
        field: what,
      },
    );
  }
}

async function checkDrive(
  bag: string,
  namesOf: (reader: Awaited<ReturnType<typeof openBag>>) => CameraSettings,
): Promise<void> {
  const reader = await openBag(bag);
  try {
    // Who looks at its pictures says what looks wrong of its calibration.
    await driveCamera(reader, namesOf(reader), () => {});
  } finally {
    await reader.close();
  }
}

async function placeOf(bag: string): Promise<string> {
  return isRemote(bag) ? bag : await realpath(bag);
}

/** The same recording: a bag folder, or the file in it. */
function isSame(one: string, other: string): boolean {
  return one === other || path.dirname(one) === other || path.dirname(other) === one;
}
