import { UNLABELLED } from '../../../models/class-table.js';
import { readManifest } from '../../../models/model-store.js';
import { resolveModel } from '../../../models/resolve-model.js';
import type { VersionStore } from '../../../models/versions/version-store.js';
import { teacherSize } from '../../../msgs/adaptation/teacher-size.js';
import { TrainingError } from '../../errors.js';
import { ModelTeacher } from './model-teacher.js';
import { SelfTeacher } from './self-teacher.js';
import { taughtClasses } from './taught-classes.js';
import type { Teacher } from './teacher.js';

/** What `--teacher` names: the model itself, at so many times its size, or a model folder. */
export type TeacherName =
  | { readonly kind: 'self'; readonly times: number }
  | { readonly kind: 'model'; readonly folder: string };

/**
 * Reads the names of teachers before anything is looked at.
 * @throws MessageError for a size that cannot be. TrainingError for the same teacher twice, and for a model that has neither
 * depth nor a class of the model's. ModelError when a folder is no model.
 */
export async function parseTeachers(texts: readonly string[], store: VersionStore): Promise<TeacherName[]> {
  const twice = texts.find((text, i) => texts.indexOf(text) < i);
  if (twice !== undefined)
    throw new TrainingError(`--teacher: expected each teacher once, got \`${twice}\` twice`);
  const names: TeacherName[] = [];
  for (const text of texts) {
    const times = teacherSize(text);
    if (times !== undefined) names.push({ kind: 'self', times });
    else {
      const folder = await resolveModel(text, store);
      const { depth, classes } = await readManifest(folder);
      if (depth.kind === 'none')
        checkClasses(
          text,
          classes.map(({ name }) => name),
        );
      names.push({ kind: 'model', folder });
    }
  }
  return names;
}

/** @param parent folder of the model that is adapted. @param scratch folder for models of other sizes. */
export async function openTeachers(
  names: readonly TeacherName[],
  {
    parent,
    scratch,
    threads,
  }: { readonly parent: string; readonly scratch: string; readonly threads: number },
): Promise<Teacher[]> {
  const teachers: Teacher[] = [];
  try {
    for (const name of names) {
      teachers.push(
        name.kind === 'self'
          ? await SelfTeacher.open(parent, name.times, scratch, threads)
          : await ModelTeacher.open(name.folder, threads),
      );
    }
  } catch (error) {
    for (const teacher of teachers) await teacher.close();
    throw error;
  }
  return teachers;
}

/** A teacher without depth has to say something that the model knows. */
function checkClasses(text: string, names: readonly string[]): void {
  if (taughtClasses(names).some((trainId) => trainId !== UNLABELLED)) return;
  throw new TrainingError(
    `--teacher ${text} has nothing to teach: it gives no depth, and none of its classes (${names.join(', ') || 'none'}) is one of the ` +
      "model's; name them as Cityscapes does (`road`, `car`, ...) in the description that it is imported by, and import it again.",
  );
}
