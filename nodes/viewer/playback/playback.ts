import type { Observable } from 'rxjs';

export interface PlaybackState {
  readonly status: 'playing' | 'paused' | 'ended';
  /** Recorded time that is shown. */
  readonly timeNs: bigint;
  /** Recorded seconds per second. */
  readonly speed: number;
}

export interface PlaybackChange {
  readonly state: PlaybackState;
  readonly didSeek: boolean;
  /** Id of the request that this answers; '' for none. */
  readonly requestId: string;
}

export interface PlaybackCommand {
  /** True: play, from the beginning where the end is reached; false: pause. */
  readonly play?: boolean;
  readonly speed?: number;
  readonly seekNs?: bigint;
  /** Shows the next frame, and pauses. */
  readonly step?: boolean;
  readonly requestId?: string;
}

/** A recording that is played: what clients see and control of it. */
export interface Playback {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly state: PlaybackState;
  /** Answers and changes of status; not every step of time. */
  readonly change$: Observable<PlaybackChange>;
  /** Recorded time, whenever it goes on. */
  readonly time$: Observable<bigint>;
  control(command: PlaybackCommand): void;
}
