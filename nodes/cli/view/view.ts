import type { ViewHub } from '../../viewer/server/view-hub.js';
import type { ViewSubject } from '../../viewer/server/view-subject.js';

/** Something that is ready to be looked at. */
export interface View {
  readonly hub: ViewHub;
  readonly subject: ViewSubject;
  /** Plays until `signal` is aborted. */
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
