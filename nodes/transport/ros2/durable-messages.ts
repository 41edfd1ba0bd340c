import { isDeepStrictEqual } from 'node:util';
import {
  defer,
  distinctUntilChanged,
  filter,
  interval,
  map,
  merge,
  NEVER,
  type Observable,
  startWith,
  switchMap,
  tap,
} from 'rxjs';
import type { InputMessage } from '../transport.js';
import type { QosProfile, Reliability } from './qos.js';
import type { RosNode } from './ros-node.js';

/** How soon a publisher that latches is noticed, milliseconds. */
const LOOK_MS = 500;
/** Messages remembered, so that none is heard twice. */
const MOST_REMEMBERED = 100;

export interface DurableTopic {
  readonly topic: string;
  readonly type: string;
  /** Its durability is not asked for. */
  readonly qos: QosProfile;
  /** Is told whether anybody latches the topic, when that changes. */
  readonly onOffered?: (latched: boolean) => void;
}

/**
 * Messages of a topic whatever durability it is offered with. They are those that are sent from now on, and of publishers
 * that latch (transient local) what they sent before. The second takes a subscription of its own, which exists only while
 * somebody offers it. Others would hear of it as a QoS that does not fit, and warn.
 */
export function durableMessages<T>(ros: RosNode, wanted: DurableTopic): Observable<InputMessage<T>> {
  const { topic, type, qos, onOffered } = wanted;
  return defer(() => {
    const sent$ = ros.messages<T>(topic, type, { ...qos, durability: 'volatile' });
    const kept$ = interval(LOOK_MS).pipe(
      startWith(0),
      map(() => latchedReliability(ros, topic)),
      distinctUntilChanged(),
      tap((reliability) => onOffered?.(reliability !== undefined)),
      switchMap((reliability) =>
        reliability === undefined
          ? NEVER
          : ros.messages<T>(topic, type, { ...qos, durability: 'transient_local', reliability }),
      ),
    );
    // Both subscriptions hear what a latching publisher sends.
    const remembered = new Map<bigint, T>();
    const isNew = ({ stampNs, message }: InputMessage<T>) => {
      if (isDeepStrictEqual(remembered.get(stampNs), message)) return false;
      remembered.set(stampNs, message);
      const [oldest] = remembered.keys();
      if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
      return true;
    };
    return merge(sent$, kept$).pipe(filter(isNew));
  });
}

/** To ask for; undefined while nobody latches. What was sent before is kept for reliable readers alone. */
function latchedReliability(ros: RosNode, topic: string): Reliability | undefined {
  const latching = ros.publishersOf(topic).filter(({ qos }) => qos.durability === 'transient_local');
  if (latching.length === 0) return undefined;
  return latching.some(({ qos }) => qos.reliability === 'reliable') ? 'reliable' : 'best_effort';
}
