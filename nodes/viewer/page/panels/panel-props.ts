import type { Connection } from '../connection.js';
import type { Frames } from '../frames.js';
import type { PageState, Store } from '../store.js';

/** What every panel is given. */
export interface PanelProps {
  readonly store: Store<PageState>;
  readonly frames: Frames;
  readonly connection: Connection;
  readonly isLarge: boolean;
  readonly onLarge: () => void;
}
