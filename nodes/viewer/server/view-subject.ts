import type { Observable } from 'rxjs';
import type { WireClass } from '../page-protocol.js';
import type { Playback } from '../playback/playback.js';
import type { AdaptationBoard } from './adaptation-board.js';
import type { ModelBoard } from './model-board.js';

/** What is looked at: a bag that is replayed, an output that was written, or a node at work. */
export interface ViewSubject {
  readonly kind: 'bag' | 'output' | 'live';
  /** For people. */
  readonly name: string;
  /** The camera's topic, where it is served. */
  readonly camera: () => string | undefined;
  /** Name of the ROS node whose troubles are told, as its /diagnostics have them. */
  readonly node?: () => string | undefined;
  readonly classes: () => readonly WireClass[];
  /** Emits when camera or classes are others than before. */
  readonly change$: Observable<void>;
  readonly playback?: Playback;
  /** Absent where no model runs. */
  readonly models?: ModelBoard;
  /** Runs of adaptation on this machine; absent where no model runs. */
  readonly adaptations?: AdaptationBoard;
  /** Emits what people should know. */
  readonly notice$: Observable<string>;
}
