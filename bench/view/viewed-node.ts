import { performance } from 'node:perf_hooks';
import { perceptionStatusCodec } from '../../msgs/perception-status.js';
import { openBagView } from '../../nodes/cli/view/bag-view.js';
import { OUTPUT_ROWS } from '../../nodes/perception/outputs.js';
import { PictureDecoderWorker } from '../../nodes/viewer/preview/picture-decoder-worker.js';
import type { ViewListener } from '../../nodes/viewer/server/view-hub.js';
import { ViewServer } from '../../nodes/viewer/server/view-server.js';
import type { FromNode, NodeSettings } from './node-counts.js';

/**
 * A recording that is played over and over through the perception pipeline, with its page. All outputs have a subscriber in
 * this process, as the topics of a node have on a vehicle: viewers add to that.
 */
const settings = JSON.parse(process.argv[2] ?? '') as NodeSettings; // what the bench started it with
const tell = (message: FromNode) => process.send?.(message);
const say = (text: string) => void process.stderr.write(`${text}\n`);

const view = await openBagView(
  {
    ...{ bag: settings.bag, device: 'cpu', pointsStride: 4, motion: true, scale: 'model' },
    speed: settings.speed,
    ...(settings.threads !== undefined && { threads: settings.threads }),
    ...{ host: '127.0.0.1', port: 0 },
  },
  say,
);
const { hub, subject } = view;
const decoder = new PictureDecoderWorker({});
// A page of a recording has no other work beside it: this one stands for a node's, which has no timeline.
const { playback, ...seen } = subject;
const server = await ViewServer.open({
  hub,
  subject: { ...seen, kind: 'live' },
  host: '127.0.0.1',
  port: 0,
  decoder,
  say,
});

const names = OUTPUT_ROWS.map(([, { topic }]) => topic);
const outputs = hub.channels.filter(({ topic }) => names.some((name) => topic.endsWith(`rxdepth/${name}`)));
const wanted = new Set(outputs.map(({ topic }) => topic));
let depths = 0;
/** Of the readings that ended, and of this one: the status counts from the start of each. */
let [droppedBefore, droppedNow] = [0, 0];
let published: [string, number][] = [];
const subscriber: ViewListener = {
  wants: (topic) => wanted.has(topic),
  deliver: ({ channel, cdr, logTimeNs }) => {
    if (channel.topic.endsWith('/depth/image')) {
      depths += 1;
      published.push([String(logTimeNs), performance.timeOrigin + performance.now()]);
    } else if (channel.type === perceptionStatusCodec.type) {
      const dropped = perceptionStatusCodec.decode(cdr).frames_dropped;
      if (dropped < droppedNow) droppedBefore += droppedNow;
      droppedNow = dropped;
    }
  },
  channelsAdded: () => {},
  channelsRemoved: () => {},
};
hub.add(subscriber);
playback?.change$.subscribe(({ state }) => {
  if (state.status === 'ended') playback.control({ play: true });
});
const stop = new AbortController();
const playing = view.run(stop.signal);
hub.demandAdded(subscriber, [...wanted]);

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  tell({
    kind: 'counts',
    counts: {
      ...{ wallMs: Date.now(), cpuMs: (user + system) / 1000, depths, dropped: droppedBefore + droppedNow },
      ...{ rssBytes: rss, heapBytes: heapUsed, buffersBytes: arrayBuffers },
      ...{ heldBytes: server.heldBytes, clients: server.clientCount, published },
    },
  });
  published = [];
});
// The bench ended, however it did.
process.once('disconnect', async () => {
  stop.abort();
  await playing;
  await server.close();
  await decoder.close();
  await view.close();
});
tell({ kind: 'open', url: server.url });
