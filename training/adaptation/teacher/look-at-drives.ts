import { UNLABELLED } from '../../../models/class-table.js';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import type { CameraSettings } from '../../../msgs/camera/camera-settings.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import type { Sample } from '../../datasets/stores/sample.js';
import { SampleStore } from '../../datasets/stores/sample-store.js';
import { largerView, reducedMap } from '../drive/larger-view.js';
import { type PinholeView, viewPicture } from '../drive/pinhole-view.js';
import { driveCamera, driveImages } from '../drive/read-drive.js';
import type { Drives } from '../drive/survey-drives.js';
import type { PosedTriplet } from '../learning/adaptation-batches.js';
import { lookPlan } from './look-plan.js';
import type { Teacher } from './teacher.js';
import type { TeacherNotes } from './teacher-notes.js';

export interface LookOptions {
  readonly teachers: readonly { readonly teacher: Teacher; readonly notes: TeacherNotes }[];
  readonly readers: readonly BagReader[];
  readonly names: CameraSettings;
  readonly drives: Drives;
  readonly targets: readonly PosedTriplet[];
  /** Time for new looks. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  report(line: string): void;
}

const FIRST_LOOKS = 3;
/** Between lines about the progress. */
const REPORT_MS = 5000;

/**
 * Shows pictures of the drives to the teachers, as large as they can make use of, and notes what they say. What is noted
 * already is not looked at again.
 * @returns the targets about which there are notes, in the order of the drives.
 */
export async function lookAtDrives(options: LookOptions): Promise<PosedTriplet[]> {
  const { teachers, targets, drives, seconds, report, signal } = options;
  const frames = SampleStore.open(drives.frames.folder, drives.frames.description);
  const isKnown = (frame: number) =>
    teachers.every(({ notes }) => notes.isWritten(frame)) &&
    teachers.every(({ notes }) => notes.isOf(frame, frames.read(frame).rgb));
  const known = new Map<number, boolean>();
  const isNoted = (frame: number) => {
    const found = known.get(frame) ?? isKnown(frame);
    known.set(frame, found);
    return found;
  };
  const withNext = teachers.some(({ teacher }) => teacher.classes.length > 0);
  const plan = (looks: number) => lookPlan(targets, { withNext, known: isNoted, looks });
  try {
    const all = plan(Number.POSITIVE_INFINITY);
    const names = teachers.map(({ teacher }) => teacher.name).join(', ');
    report(
      `teacher ${names}: ${all.frames.length} pictures to look at` +
        (all.frames.length === 0 ? ', all are noted already' : ''),
    );
    if (all.frames.length === 0) return inOrder(all.targets, targets);
    // The first looks tell for how many there is time.
    const first = all.frames.slice(0, FIRST_LOOKS);
    const began = performance.now();
    await look(options, frames, first, known, () => undefined);
    const each = (performance.now() - began) / first.length;
    const looks = Math.floor((1000 * seconds) / each);
    const chosen = plan(looks);
    report(
      `${each.toFixed(0)} ms a picture: ${chosen.frames.length + first.length} of ${all.frames.length} pictures in the ` +
        `${Math.round(seconds)} s that are the teacher's; what is noted stays, another run looks at the rest`,
    );
    let [done, reported] = [first.length, performance.now()];
    await look(options, frames, chosen.frames, known, () => {
      done++;
      if (performance.now() - reported < REPORT_MS) return;
      reported = performance.now();
      report(`teacher: ${done} of ${chosen.frames.length + first.length} pictures`);
    });
    if (signal.aborted) return [];
    // A deadline may have cut it short.
    const noted = chosen.targets.filter(({ target }) => isNoted(target));
    return inOrder(noted, targets);
  } finally {
    frames.close();
  }
}

function inOrder(some: readonly PosedTriplet[], all: readonly PosedTriplet[]): PosedTriplet[] {
  const chosen = new Set(some);
  return all.filter((target) => chosen.has(target));
}

/** Looks at pictures of the store, drive by drive. @param known gets those that are noted then. */
async function look(
  { teachers, readers, names, drives, signal, seconds }: LookOptions,
  frames: SampleStore,
  wanted: readonly number[],
  known: Map<number, boolean>,
  onLook: () => void,
): Promise<void> {
  const until = performance.now() + 1000 * LATEST * seconds;
  for (const [drive, bag] of readers.entries()) {
    const byImage = new Map(
      wanted.flatMap((frame) => {
        const place = drives.places.get(frame);
        return place?.drive === drive ? [[place.image, frame] as const] : [];
      }),
    );
    if (byImage.size === 0) continue;
    const camera = await driveCamera(bag, names);
    const views = teachers.map(({ teacher }) =>
      largerView(drives.views[drive], camera.model, teacher.pixels),
    );
    const left = { undecodable: 0, outOfOrder: 0 };
    for await (const { index: image, picture } of driveImages(bag, camera, (i) => byImage.has(i), left)) {
      if (signal.aborted || performance.now() > until) return;
      const frame = byImage.get(image);
      if (frame === undefined) continue;
      const sample = frames.read(frame);
      for (const [i, { teacher, notes }] of teachers.entries()) {
        if (notes.isWritten(frame) && notes.isOf(frame, sample.rgb)) continue;
        notes.write(frame, await note(teacher, views[i], sample, picture, { drive, image }));
      }
      known.set(frame, true);
      onLook();
      // The last picture that is wanted: the rest of the recording need not be read.
      byImage.delete(image);
      if (byImage.size === 0) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Latest end as a multiple of the planned time, whatever the first look took. */
const LATEST = 1.5;

async function note(
  teacher: Teacher,
  view: PinholeView,
  sample: Sample,
  picture: RgbPicture,
  place: { readonly drive: number; readonly image: number },
): Promise<Sample> {
  const seen = await teacher.see(viewPicture(view, picture), view.intrinsics, place);
  return {
    ...sample,
    depthMeters: reducedMap(seen.depth, view, sample),
    labels:
      seen.labels === undefined
        ? new Uint8Array(sample.labels.length).fill(UNLABELLED)
        : reducedMap(seen.labels, view, sample),
  };
}
