import { PictureDecoderWorker } from '../../viewer/preview/picture-decoder-worker.js';
import { ViewServer } from '../../viewer/server/view-server.js';
import { openBagView } from './bag-view.js';
import { openOutputView } from './output-view.js';
import type { View } from './view.js';
import type { BagViewOptions, PlayOptions, ServeOptions } from './view-options.js';

export type RunViewOptions = ServeOptions & {
  /** Warnings, for people. */
  readonly say: (text: string) => void;
  /** Aborting ends the view. */
  readonly signal: AbortSignal;
  /** Told when the page can be opened. */
  readonly opened: (addresses: { readonly url: string; readonly foxglove: string }) => void;
} & (BagViewOptions | (PlayOptions & { readonly bag?: undefined; readonly output: string }));

/**
 * Serves a view until it is told to end.
 * @throws MessageError, ModelError, NodeError
 */
export async function runView(options: RunViewOptions): Promise<void> {
  const { say, signal, host, port, allowOrigin } = options;
  const view: View =
    options.bag === undefined
      ? await openOutputView(options.output, options)
      : await openBagView(options, say);
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
