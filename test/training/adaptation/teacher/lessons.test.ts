import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { type Spoil, TruthTeacher } from '../../../../bench/teaching/truth-teacher.js';
import { UNLABELLED } from '../../../../models/class-table.js';
import type { ModelRunner } from '../../../../models/model-runner.js';
import type { BagReader } from '../../../../msgs/bag/bag-reader.js';
import { openBag } from '../../../../msgs/bag/open-bag.js';
import { pinholeView, viewMap, viewPicture } from '../../../../training/adaptation/drive/pinhole-view.js';
import { driveCamera } from '../../../../training/adaptation/drive/read-drive.js';
import type { Drives } from '../../../../training/adaptation/drive/survey-drives.js';
import type { LearningOptions } from '../../../../training/adaptation/learning-options.js';
import { type Lessons, prepareLessons } from '../../../../training/adaptation/teacher/lessons.js';
import type { Teacher } from '../../../../training/adaptation/teacher/teacher.js';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { domainNamed } from '../../../../training/simulator/domains.js';
import { simulateDrive } from '../../../../training/simulator/drive.js';
import { DriveRecorder } from '../../../../training/simulator/drive-recorder.js';
import type { SimulatedFrame } from '../../../../training/simulator/frame.js';

const CAMERA = { width: 256, height: 96 };
const FRAMES = 12;

const test = anyTest as TestFn<{ root: string; lines: string[]; bag: BagReader; drives: Drives }>;

let frames: SimulatedFrame[] = [];
/** Truth in the view, by frame. */
let truths: Float32Array[] = [];

test.before(() => {
  const domain = domainNamed('town-clean');
  frames = [...simulateDrive({ domain, seed: 101, frames: FRAMES, frameRate: 10, ...CAMERA })];
});

/** A drive as it was looked through by a middling model: a quarter too near or too far, in patches; its labels are right. */
test.beforeEach(async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-lessons-'));
  const recorder = await DriveRecorder.create(path.join(root, 'bag'), { overwrite: false, startNs: 1_000n });
  for (const frame of frames) await recorder.write(frame);
  await recorder.close();
  const bag = await openBag(path.join(root, 'bag'));
  const camera = await driveCamera(bag, {});
  const view = pinholeView(
    { pixels: 160 * 64, multiple: 16, mean: [0, 0, 0], std: [1, 1, 1] },
    camera.model,
    camera,
  );
  const { width, height, intrinsics } = view;
  const description = { source: 'drive', seed: 0, width, height, count: FRAMES };
  const folder = path.join(root, 'frames');
  const store = SampleStore.open(folder, description);
  truths = frames.map((frame) => viewMap(view, frame.depthMeters, Number.NaN));
  for (const [i, frame] of frames.entries()) {
    store.write(i, {
      ...{ width, height, intrinsics, rgb: viewPicture(view, frame).rgb },
      labels: viewMap(view, frame.labels, UNLABELLED),
      depthMeters: truths[i].map(
        (z, at) => z * (1 + 0.25 * Math.sin((at % width) / 6) * Math.cos(Math.floor(at / width) / 4)),
      ),
    });
  }
  store.close();
  const adapt = Array.from({ length: FRAMES - 2 }, (_, i) => ({
    ...{ target: i + 1, previous: i, next: i + 2, drive: 0, parallaxPixels: 2, stampNs: 0n },
  }));
  const places = new Map(frames.map((_, i) => [i, { drive: 0, image: i }]));
  // What lessons look at of drives.
  const drives = { view, views: [view], frames: { folder, description }, adapt, places } as unknown as Drives;
  t.context = { root, lines: [], bag, drives };
});

test.afterEach.always(async (t) => {
  await t.context.bag.close();
  await rm(t.context.root, { recursive: true });
});

type Context = { root: string; lines: string[]; bag: BagReader; drives: Drives };

function lessonsOf(
  { root, lines, bag, drives }: Context,
  teachers: readonly Teacher[],
  { signal = new AbortController().signal, run = 'run', minutes = 60 } = {},
): Promise<Lessons | undefined> {
  const options = {
    ...{ names: {}, threads: 1, minutes, signal, work: { frames: path.join(root, run) } },
    report: (line: string) => lines.push(line),
  } as unknown as LearningOptions; // what lessons look at of options
  const teaching = { open: () => Promise.resolve(teachers), notesFolder: path.join(root, 'notes') };
  const parent = { folder: root } as unknown as ModelRunner; // simulated teachers need none
  return prepareLessons(options, teaching, parent, drives, [bag]);
}

/** Mean of |z / truth - 1| of the lessons' depth, and the share of labels that are true. */
function quality({ folder, description, count }: Lessons, { drives }: Context) {
  const [store, all] = [
    SampleStore.open(folder, description),
    SampleStore.open(drives.frames.folder, drives.frames.description),
  ];
  const originals = frames.map((_, i) => all.read(i));
  let [error, depths, right, labels] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const lesson = store.read(i);
    const of = originals.findIndex(({ rgb }) => Buffer.compare(rgb, lesson.rgb) === 0);
    for (const [at, z] of lesson.depthMeters.entries()) {
      if (z > 0 && truths[of][at] < 80) {
        error += Math.abs(z / truths[of][at] - 1);
        depths++;
      }
      if (lesson.labels[at] === UNLABELLED) continue;
      labels++;
      if (lesson.labels[at] === originals[of].labels[at]) right++;
    }
  }
  store.close();
  all.close();
  const pixels = count * description.width * description.height;
  return {
    error: error / depths,
    depthShare: depths / pixels,
    right: right / labels,
    labelShare: labels / pixels,
  };
}

const swapped: Spoil = (depth) => depth.map((z) => Math.min(100, 150 / z));

test('a teacher that knows the truth teaches it, and is asked once about each picture', async (t) => {
  const teacher = new TruthTeacher('truth', frames, { labels: true });
  const lessons = await lessonsOf(t.context, [teacher]);
  if (lessons === undefined) return t.fail('it was not stopped');
  t.is(lessons.count, FRAMES - 2);
  t.is(teacher.looks, FRAMES - 1, 'each target, and the picture after it');
  const found = quality(lessons, t.context);
  t.true(found.error < 0.06, `${found.error}`);
  t.true(found.depthShare > 0.4, `${found.depthShare}`);
  t.true(found.right > 0.97, `${found.right}`);
  t.true(found.labelShare > 0.6, `${found.labelShare}`);
  t.regex(t.context.lines[1], /^teacher truth: 11 pictures to look at/);
  t.regex(
    t.context.lines.join('\n'),
    /lessons: depth in 10 of 10 pictures \(\d+ % of their pixels\); labels in 10 of 10/,
  );

  const again = new TruthTeacher('truth', frames, { labels: true });
  const same = await lessonsOf(t.context, [again], { run: 'again' });
  t.is(again.looks, 0, 'everything is noted');
  t.deepEqual(same && quality(same, t.context), found);
});

test('who is interrupted goes on where it was, and another teacher has notes of its own', async (t) => {
  const stop = new AbortController();
  const teacher = new TruthTeacher('truth', frames);
  const see = teacher.see.bind(teacher);
  teacher.see = (...of) => {
    if (teacher.looks === 4) stop.abort();
    return see(...of);
  };
  t.is(await lessonsOf(t.context, [teacher], { signal: stop.signal }), undefined);
  const before = teacher.looks;
  t.true(before < FRAMES - 2, `${before}`);
  const rest = new TruthTeacher('truth', frames);
  t.is((await lessonsOf(t.context, [rest], { run: 'rest' }))?.count, FRAMES - 2);
  t.is(before + rest.looks, FRAMES - 2, 'no picture twice');
  const other = new TruthTeacher('another', frames);
  await lessonsOf(t.context, [other], { run: 'other' });
  t.is(other.looks, FRAMES - 2);
  t.is((await readdir(path.join(t.context.root, 'notes'))).length, 2);
});

test('a teacher that has near for far teaches nothing, and the error says what the drive shows', async (t) => {
  const teacher = new TruthTeacher('swapped', frames, { spoil: swapped });
  await t.throwsAsync(lessonsOf(t.context, [teacher]), {
    name: 'TrainingError',
    message:
      /--teacher: swapped gives nothing to learn from: depth in 0 of 10 pictures.*with [12]\.\d+ times the running model's photometric error.*Or adapt without it/,
  });
  t.regex(t.context.lines.join('\n'), /the depth of swapped is not learned from: .*expected less than `1`/);
});

test('where a depth is wrong, the labels of the same teacher are still learned from', async (t) => {
  const teacher = new TruthTeacher('half', frames, { spoil: swapped, labels: true });
  const lessons = await lessonsOf(t.context, [teacher]);
  if (lessons === undefined) return t.fail('it was not stopped');
  const { depthShare, labelShare, right } = quality(lessons, t.context);
  t.is(depthShare, 0);
  t.true(labelShare > 0.6 && right > 0.97, `${labelShare} ${right}`);
});

test('an inverse depth of another scale and shift in each picture is brought to metres', async (t) => {
  const spoil: Spoil = (depth, _, image) => depth.map((z) => 1 / ((200 + 20 * image) / z + 3 * image));
  const lessons = await lessonsOf(t.context, [
    new TruthTeacher('affine', frames, { depth: 'affine-inverse', spoil }),
  ]);
  if (lessons === undefined) return t.fail('it was not stopped');
  t.is(lessons.count, FRAMES - 2);
  const { error } = quality(lessons, t.context);
  t.true(error < 0.08, `${error}`);
});

test("a metric teacher's metres count, and those of the drive's motion with them, unless the judge would reject them", async (t) => {
  const times = (factor: number) => ({
    depth: 'metric' as const,
    spoil: ((z) => z.map((each) => factor * each)) satisfies Spoil,
  });
  const own = await lessonsOf(t.context, [new TruthTeacher('own', frames)], { run: 'own' });
  const longer = await lessonsOf(t.context, [new TruthTeacher('longer', frames, times(1.1))], {
    run: 'longer',
  });
  if (own === undefined || longer === undefined) return t.fail('they were not stopped');
  t.regex(t.context.lines.join('\n'), /longer: its metres are 1\.\d+ of the running model's, and count/);
  const length = ({ triplets }: Lessons) => Math.hypot(...[3, 7, 11].map((i) => triplets[0].nextPose[i]));
  t.true(Math.abs(length(longer) / length(own) - 1.1) < 0.04, `${length(longer) / length(own)}`);
  t.true(Math.abs(quality(longer, t.context).error - 0.1) < 0.02);

  const far = await lessonsOf(t.context, [new TruthTeacher('far', frames, times(1.5))], { run: 'far' });
  if (far === undefined) return t.fail('it was not stopped');
  t.regex(
    t.context.lines.join('\n'),
    /far: its metres are 1\.\d+ of the running model's; the judge would reject them/,
  );
  t.is(length(far), length(own));
  t.true(quality(far, t.context).error < 0.06);
});

test("the vehicle's own metres come before those of a teacher", async (t) => {
  const meters = (from: number, to: number) => {
    const [a, b] = [frames[from].worldFromCamera, frames[to].worldFromCamera];
    return 1.2 * Math.hypot(a[3] - b[3], a[7] - b[7], a[11] - b[11]);
  };
  const adapt = t.context.drives.adapt.map((triplet) => ({
    ...triplet,
    meters: {
      previous: meters(triplet.previous, triplet.target),
      next: meters(triplet.target, triplet.next),
    },
  }));
  const metric = new TruthTeacher('metric', frames, { depth: 'metric' });
  const lessons = await lessonsOf({ ...t.context, drives: { ...t.context.drives, adapt } }, [metric]);
  if (lessons === undefined) return t.fail('it was not stopped');
  const { nextPose } = lessons.triplets[0];
  t.true(Math.abs(Math.hypot(nextPose[3], nextPose[7], nextPose[11]) / meters(1, 2) - 1) < 0.01);
  const { error } = quality(lessons, t.context);
  t.true(Math.abs(error - 0.2) < 0.05, `a fifth longer than the truth that the teacher knows: ${error}`);
});

test('a teacher of the road alone says where it is; what else there is the model says', async (t) => {
  const teacher = new TruthTeacher('lanes', frames, { depth: 'none', spoil: (z) => z.map(() => Number.NaN) });
  const road: Teacher = {
    ...{ name: 'lanes', fingerprint: 'lanes', depth: 'none', classes: ['background', 'drivable'] },
    pixels: teacher.pixels,
    see: async (picture, intrinsics, place) => {
      const full = new TruthTeacher('labels', frames, { labels: true });
      const { depth, labels } = await full.see(picture, intrinsics, place);
      // The right half of the road is not seen.
      return {
        depth,
        labels: labels?.map((label, i) => (label === 0 && i % picture.width < picture.width / 2 ? 1 : 0)),
      };
    },
    close: async () => undefined,
  };
  const lessons = await lessonsOf(t.context, [road]);
  if (lessons === undefined) return t.fail('it was not stopped');
  const { depthShare, right } = quality(lessons, t.context);
  t.is(depthShare, 0);
  t.true(right > 0.97, `${right}`);
  const store = SampleStore.open(lessons.folder, lessons.description);
  const { labels, width } = store.read(0);
  store.close();
  const count = (label: number, isIn: (column: number) => boolean) =>
    labels.filter((each, i) => each === label && isIn(i % width)).length;
  t.true(count(0, (x) => x < width / 2 - 2) > 100, 'road on the left');
  t.is(
    count(0, (x) => x > width / 2 + 2),
    0,
    'none on the right, whatever the model says',
  );
  t.true(
    labels.filter((label) => label > 0 && label !== UNLABELLED).length > 1000,
    'other classes are the model’s',
  );
});

test('little time looks at few pictures, spread over the drive, and says so', async (t) => {
  const slow = new TruthTeacher('slow', frames);
  const see = slow.see.bind(slow);
  slow.see = async (...of) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return await see(...of);
  };
  // A hundredth of a minute: the first looks, which tell how long one takes, use it up.
  await t.throwsAsync(lessonsOf(t.context, [slow], { minutes: 0.01 }), { name: 'TrainingError' });
  t.true(slow.looks < FRAMES - 2);
  t.regex(t.context.lines.join('\n'), /ms a picture: \d of 10 pictures/);
});

test('depth that was measured at few pixels is a lesson as it is, which that of a network is not', async (t) => {
  const few: Spoil = (depth) => depth.map((z, i) => (i % 20 === 0 ? z : Number.NaN));
  const network = new TruthTeacher('few', frames, { spoil: few });
  await t.throwsAsync(lessonsOf(t.context, [network]), { message: /gives nothing to learn from/ });
  const measured = Object.assign(new TruthTeacher('few', frames, { spoil: few }), { measured: true });
  const lessons = await lessonsOf(t.context, [measured], { run: 'measured' });
  if (lessons === undefined) return t.fail('it was not stopped');
  t.is(lessons.count, FRAMES - 2);
  const found = quality(lessons, t.context);
  t.true(found.depthShare > 0.02 && found.depthShare < 0.1, `${found.depthShare}`);
  // By one scale a picture, with which the running model's depth fits at the median.
  t.true(found.error < 0.1, `${found.error}`);
});
