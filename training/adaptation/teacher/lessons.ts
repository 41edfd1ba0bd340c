import path from 'node:path';
import { UNLABELLED } from '../../../models/class-table.js';
import type { ModelRunner } from '../../../models/model-runner.js';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { median } from '../../../vision/median.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import { TrainingError } from '../../errors.js';
import { poseTriplets } from '../drive/pose-triplets.js';
import type { Drives } from '../drive/survey-drives.js';
import { PhotometricScore } from '../judge/photometric-score.js';
import type { PosedTriplet } from '../learning/adaptation-batches.js';
import { withMeasuredMetres } from '../learning/measured-metres.js';
import type { LearningOptions } from '../learning-options.js';
import type { AskedTeacher } from './asked-teacher.js';
import { type Lesson, lessonOf } from './lesson.js';
import { type LessonMetres, lessonMetres } from './lesson-metres.js';
import { lookAtDrives } from './look-at-drives.js';
import { taughtClasses } from './taught-classes.js';
import { TeacherNotes } from './teacher-notes.js';
import type { Teaching } from './teaching.js';

/** Pictures of the learned part with what teachers say of them, as far as the drives confirm it. */
export interface Lessons {
  readonly folder: string;
  /** Depth is NaN, and labels are 255, where nothing is confirmed. */
  readonly description: StoreDescription;
  /** How many there are; the store has room for more. */
  readonly count: number;
  /** All targets of the drives with their poses, in the lessons' metres. */
  readonly triplets: readonly PosedTriplet[];
  /** Fingerprint of the teachers. */
  readonly fingerprint: string;
  /** Names of the teachers. */
  readonly teachers: readonly string[];
}

/** Share of a run in which the teachers look at pictures. */
const TEACHERS_SHARE = 0.4;
/** Fewer lessons teach nothing. */
const LEAST_LESSONS = 6;
/** Between lines about the progress. */
const REPORT_MS = 5000;

/**
 * Asks the teachers about the part of the drives that is learned from, and keeps what the drives confirm.
 * @returns undefined when the run was stopped.
 * @throws TrainingError when nothing that they say can be used, with what is wrong with it.
 */
export async function prepareLessons(
  options: LearningOptions,
  teaching: Teaching,
  parent: ModelRunner,
  drives: Drives,
  readers: readonly BagReader[],
): Promise<Lessons | undefined> {
  const { work, threads, signal, report } = options;
  const teachers = await teaching.open(parent.folder, path.join(work.frames, 'teachers'));
  const asked: AskedTeacher[] = [];
  const score = await PhotometricScore.create(drives.view, threads);
  try {
    for (const teacher of teachers) {
      const notes = await TeacherNotes.open(teaching.notesFolder, teacher, drives.frames.description);
      const trainIds = taughtClasses(teacher.classes);
      const isKnown = trainIds.some((trainId) => trainId !== UNLABELLED);
      asked.push({ teacher, notes, trainIds: isKnown ? trainIds : undefined });
    }
    report('finding how the camera moved');
    const intrinsics = drives.views.map((view) => view.intrinsics);
    const posed = withMeasuredMetres(
      await poseTriplets(drives.frames, drives.adapt, intrinsics),
      drives.adapt,
      { frames: drives.frames, intrinsics, cameraHeight: options.cameraHeight, report },
    );
    const targets = await lookAtDrives({
      ...{ teachers: asked, readers, names: options.names, drives, targets: posed, signal, report },
      seconds: TEACHERS_SHARE * 60 * options.minutes,
    });
    if (signal.aborted) return undefined;
    return await writeLessons(options, drives, asked, { posed, targets }, score);
  } finally {
    await score.close();
    for (const { notes } of asked) notes.close();
    for (const teacher of teachers) await teacher.close();
  }
}

async function writeLessons(
  { work, signal, report }: LearningOptions,
  drives: Drives,
  asked: readonly AskedTeacher[],
  { posed, targets }: { readonly posed: readonly PosedTriplet[]; readonly targets: readonly PosedTriplet[] },
  score: PhotometricScore,
): Promise<Lessons | undefined> {
  const { view, views } = drives;
  const frames = SampleStore.open(drives.frames.folder, drives.frames.description);
  const description: StoreDescription = {
    ...{ source: 'lessons', seed: 0, width: view.width, height: view.height, count: targets.length },
  };
  const folder = path.join(work.frames, 'lessons');
  const store = SampleStore.open(folder, description);
  const names = asked.map(({ teacher }) => teacher.name);
  let written: Written | undefined;
  let metres: LessonMetres;
  try {
    metres = lessonMetres(asked, frames, targets, views.length, report);
    const write = ({ depths, scales }: LessonMetres) =>
      writeEach(inMetres(targets, scales), store, { signal, report }, (triplet) =>
        lessonOf(asked, depths, { frames, triplet, view: views[triplet.drive] }, score),
      );
    written = await write(metres);
    const ratio = median(written.lessons.flatMap(({ errorRatio }) => errorRatio ?? []));
    if (ratio >= 1) {
      // The worse half may fit by chance: a depth that explains the drive no better has nothing to teach.
      report(
        `the depth of ${names.join(', ')} is not learned from: it explains the drive with ${ratio.toFixed(2)} times the running model's ` +
          'photometric error, expected less than `1`',
      );
      const { lessons } = written;
      metres = { depths: metres.depths.map(() => 'none'), scales: views.map(() => 1) };
      const again = await write(metres);
      // What was found of the depth stays, for people.
      written = {
        ...again,
        lessons: again.lessons.map((each, i) => ({
          ...lessons[i],
          depthShare: 0,
          labelShare: each.labelShare,
        })),
      };
    }
  } finally {
    store.close();
    frames.close();
  }
  if (signal.aborted) return undefined;
  const { count, lessons } = written;
  const found = findings(lessons);
  if (count < LEAST_LESSONS) {
    throw new TrainingError(
      `--teacher: ${names.join(', ')} ${names.length > 1 ? 'give' : 'gives'} nothing to learn from: ${found}. Expected at least ` +
        `\`${LEAST_LESSONS}\` pictures with something that the drive confirms. Look at what it sees (\`rxdepth replay --model\`): ` +
        'its description may say the wrong thing of its depth or its input (`meaning`, `mean`, `std`). Or adapt without it.',
    );
  }
  report(`lessons: ${found}`);
  return {
    folder,
    description,
    count,
    triplets: inMetres(posed, metres.scales),
    fingerprint: asked.map(({ teacher }) => teacher.fingerprint).join(' '),
    teachers: names,
  };
}

interface Written {
  readonly count: number;
  readonly lessons: readonly Omit<Lesson, 'sample'>[];
}

/** Writes those lessons that are some, one after another from the store's begin, until the run is stopped. */
async function writeEach(
  targets: readonly PosedTriplet[],
  store: SampleStore,
  { signal, report }: Pick<LearningOptions, 'signal' | 'report'>,
  lessonAt: (triplet: PosedTriplet) => Promise<Lesson>,
): Promise<Written> {
  const lessons: Omit<Lesson, 'sample'>[] = [];
  let [count, reported] = [0, performance.now()];
  for (const triplet of targets) {
    if (signal.aborted) break;
    const { sample, ...lesson } = await lessonAt(triplet);
    lessons.push(lesson);
    if (sample !== undefined) store.write(count++, sample);
    if (performance.now() - reported >= REPORT_MS) {
      reported = performance.now();
      report(`teacher: ${lessons.length} of ${targets.length} pictures compared with the drive`);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { count, lessons };
}

/** For people: what the drives confirmed. */
function findings(lessons: readonly Omit<Lesson, 'sample'>[]): string {
  const share = (of: (lesson: Omit<Lesson, 'sample'>) => number) => {
    const values = lessons.map(of).filter((value) => value > 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    return `in ${values.length} of ${lessons.length} pictures (${Math.round(100 * mean)} % of their pixels)`;
  };
  const refused = (why: Lesson['refused']) => lessons.filter((lesson) => lesson.refused === why).length;
  const ratios = lessons.flatMap(({ errorRatio }) => errorRatio ?? []);
  return [
    `depth ${share((lesson) => lesson.depthShare)}`,
    `labels ${share((lesson) => lesson.labelShare)}`,
    ...(ratios.length === 0
      ? []
      : [
          `its depth explains the drive with ${median(ratios).toFixed(2)} times the running model's photometric error`,
        ]),
    ...(refused('contradicted') > 0 ? [`${refused('contradicted')} pictures contradict its depth`] : []),
    ...(refused('unaligned') > 0
      ? [`in ${refused('unaligned')} no scale brings its depth to the running model's`]
      : []),
  ].join('; ');
}

/** Triplets in other metres, drive by drive; so is the running model's depth. */
function inMetres(triplets: readonly PosedTriplet[], scales: readonly number[]): PosedTriplet[] {
  return triplets.map((triplet) => {
    const scale = scales[triplet.drive];
    if (scale === 1) return triplet;
    return {
      ...triplet,
      previousPose: scaled(triplet.previousPose, scale),
      nextPose: scaled(triplet.nextPose, scale),
      depthFactor: scale * (triplet.depthFactor ?? 1),
    };
  });
}

function scaled(pose: RigidTransform, factor: number): RigidTransform {
  return pose.map((value, i) => (i % 4 === 3 && i < 12 ? value * factor : value));
}
