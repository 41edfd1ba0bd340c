import type { Teacher } from './teacher.js';

/** Who is asked, and where what they say is noted. */
export interface Teaching {
  /** @param scratch folder for what is not needed after the run. */
  open(parent: string, scratch: string): Promise<readonly Teacher[]>;
  readonly notesFolder: string;
}
