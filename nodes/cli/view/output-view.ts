import { BehaviorSubject, type Subject, skip } from 'rxjs';
import type { BagMessage, BagReader } from '../../../msgs/bag/bag-reader.js';
import { findCamera } from '../../../msgs/bag/find-camera.js';
import { isOutputBag } from '../../../msgs/bag/is-output-bag.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { labelInfoCodec } from '../../../msgs/label-info.js';
import { NodeError } from '../../errors.js';
import type { WireClass } from '../../viewer/page-protocol.js';
import { playWhenSeen } from '../../viewer/playback/play-when-seen.js';
import { PlaybackClock } from '../../viewer/playback/playback-clock.js';
import { hasOutputs, panelTopics } from '../../viewer/server/panel-topics.js';
import { ViewHub } from '../../viewer/server/view-hub.js';
import { DamageTold } from './damage-told.js';
import { namedClasses } from './named-classes.js';
import { serveTopics } from './serve-topics.js';
import type { View } from './view.js';
import type { PlayOptions } from './view-options.js';

/** Messages beside the frames that wait for the next one; more than belong to any. */
const MOST_HELD = 100;

/**
 * An output that `rxdepth replay` wrote, played as it is: nothing is computed.
 * @throws MessageError, or NodeError when the bag has nothing of rxdepth's.
 */
export async function openOutputView(
  path: string,
  options: PlayOptions,
  say: (text: string) => void,
): Promise<View> {
  const reader = await openBag(path);
  const damage = new DamageTold(reader, say);
  damage.look();
  try {
    const { startNs, endNs } = reader;
    if (!isOutputBag(reader) && !hasOutputs(reader.topics))
      throw new NodeError(
        `${path} holds no output of rxdepth: \`rxdepth replay ${path}\` makes one, \`rxdepth view ${path}\` does so while you look`,
      );
    if (startNs === undefined || endNs === undefined) throw new NodeError(`${path} holds no messages`);
    const hub = new ViewHub();
    await serveTopics(hub, reader, () => true);
    const camera = await cameraOf(reader);
    const shown = new Set([...panelTopics(reader.topics, undefined).values()].flat());
    const frames = reader.topics.find(
      ({ topic, messageCount }) => shown.has(topic) && messageCount !== 0,
    )?.topic;
    const classes$ = new BehaviorSubject<readonly WireClass[]>(await classesOf(reader));
    const clock = new PlaybackClock({ startNs, endNs, ...options });
    hub.demand$.subscribe(() => clock.refresh());
    const topics = hub.channels.map(({ topic }) => topic);
    return {
      hub,
      subject: {
        ...{ kind: 'output', name: path, camera: () => camera, playback: clock },
        classes: () => classes$.value,
        change$: classes$.pipe(skip(1)) as unknown as Subject<void>, // what it emits is not looked at
        notice$: damage.notice$,
      },
      run: (signal) =>
        playWhenSeen(
          clock,
          async (fromNs, ended) => {
            const held: BagMessage[] = [];
            const publishHeld = async () => {
              for (const message of held.splice(0)) await hub.publish(message);
            };
            for await (const message of reader.messages({ topics, fromNs, signal: ended })) {
              const isFrame = message.topic === frames;
              // While it is paused, what belongs to the next frame waits for it.
              const waits =
                !isFrame && clock.state.status !== 'playing' && message.logTimeNs > clock.passedNs;
              if (waits && held.length < MOST_HELD) {
                held.push(message);
                continue;
              }
              damage.look();
              await clock.due(message.logTimeNs, isFrame, ended);
              if (ended.aborted) return;
              await publishHeld();
              await hub.publish(message);
            }
            await publishHeld();
            damage.look();
          },
          { seen$: hub.demand$, signal },
        ),
      close: () => reader.close(),
    };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** The camera's images, where they were copied into the output. */
async function cameraOf(reader: BagReader): Promise<string | undefined> {
  return await findCamera(reader, { intrinsics: true }).then(
    ({ topic }) => topic,
    () => undefined,
  );
}

/** The classes that the output names, in the colours that the shipped model gives them. */
async function classesOf(reader: BagReader): Promise<WireClass[]> {
  const topics = reader.topics.filter(({ type }) => type === labelInfoCodec.type).map(({ topic }) => topic);
  if (topics.length === 0) return [];
  for await (const { cdr } of reader.messages({ topics })) {
    return namedClasses(labelInfoCodec.decode(cdr));
  }
  return [];
}
