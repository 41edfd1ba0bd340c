import type { Teacher } from './teacher.js';
import type { TeacherNotes } from './teacher-notes.js';

/** A teacher and what it said. */
export interface AskedTeacher {
  readonly teacher: Teacher;
  readonly notes: TeacherNotes;
  /** trainId of each of its labels 0..255; undefined where none of its classes is one of the model's. */
  readonly trainIds: Uint8Array | undefined;
}
