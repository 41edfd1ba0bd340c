import { yieldProcessor } from '../../perception/engine/yield-processor.js';
import { openRosNode } from '../../transport/ros2/open-ros-node.js';
import { PictureDecoderWorker } from '../../viewer/preview/picture-decoder-worker.js';
import { ViewServer } from '../../viewer/server/view-server.js';
import { openBagView } from './bag-view.js';
import { openOutputView } from './output-view.js';
import { openRosView } from './ros-view.js';
import type { View } from './view.js';
import type { BagViewOptions, PlayOptions, ServeOptions } from './view-options.js';

export type RunViewOptions = ServeOptions & {
  /** Warnings, for people. */
  readonly say: (text: string) => void;
  /** Aborting ends the view. */
  readonly signal: AbortSignal;
  /** Told when the page can be opened. */
  readonly opened: (addresses: { readonly url: string; readonly foxglove: string }) => void;
} & Viewed;

/** Nice value of a view beside the node that it looks at. */
const NICE = 5;

/** What is looked at: a bag, an output, or a node of the ROS graph by its namespace. */
type Viewed =
  | (BagViewOptions & { readonly output?: undefined; readonly ros?: undefined })
  | (PlayOptions & { readonly bag?: undefined; readonly output: string; readonly ros?: undefined })
  | { readonly bag?: undefined; readonly output?: undefined; readonly ros: string };

/**
 * Serves a view until it is told to end.
 * @throws MessageError, ModelError, NodeError
 */
export async function runView(options: RunViewOptions): Promise<void> {
  const { say, signal, host, port, allowOrigin } = options;
  const view = await openView(options);
  try {
    const { hub, subject } = view;
    const decoder = new PictureDecoderWorker(options.bag === undefined ? {} : { bitDepth: options.bitDepth });
    const server = await ViewServer.open({
      ...{ hub, subject, host, port, decoder, say },
      ...(allowOrigin && { origins: allowOrigin }),
    });
    try {
      options.opened({ url: server.url, foxglove: server.url.replace(/^http/, 'ws') });
      await view.run(signal);
    } finally {
      await server.close();
      await decoder.close();
    }
  } finally {
    await view.close();
  }
}

async function openView(options: RunViewOptions): Promise<View> {
  const { say } = options;
  if (options.bag !== undefined) return await openBagView(options, say);
  if (options.output !== undefined) return await openOutputView(options.output, options, say);
  // The node comes first: threads that are started from here on are as patient.
  yieldProcessor(NICE);
  const { node, ros } = await openRosNode('rxdepth_view', []);
  node.spin();
  return openRosView({ ros, say, namespace: options.ros, inputsOf: (name) => ros.subscriptionsOf(name) });
}
