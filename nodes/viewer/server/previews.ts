import type { PanelName } from '../page-protocol.js';
import { bytePreview } from '../preview/byte-preview.js';
import { cameraPreview } from '../preview/camera-preview.js';
import { cloudPreview } from '../preview/cloud-preview.js';
import { depthPreview } from '../preview/depth-preview.js';
import type { Preview } from '../preview/preview.js';
import type { ViewMessage } from './view-message.js';

/** Decodes what cannot be shown as it is, elsewhere; the newest wins. */
export interface PictureDecoder {
  decode(message: ViewMessage): Promise<Preview | undefined>;
}

/** Makes previews of messages, once for all pages. */
export class Previews {
  readonly #decoder: PictureDecoder | undefined;
  readonly #onFailed: (text: string) => void;
  readonly #failed = new Set<string>();

  /** @param onFailed told once of every kind of failure */
  constructor(decoder: PictureDecoder | undefined, onFailed: (text: string) => void) {
    this.#decoder = decoder;
    this.#onFailed = onFailed;
  }

  /** Hands on the preview of a message, at once where it can be made here; undefined where it cannot be made. */
  of(panel: PanelName, message: ViewMessage, ready: (preview: Preview | undefined) => void): void {
    const made = message.once(panel, () => this.#make(panel, message));
    if (made instanceof Promise) void made.then(ready);
    else ready(made);
  }

  #make(panel: PanelName, message: ViewMessage): Preview | undefined | Promise<Preview | undefined> {
    const { topic, type } = message.channel;
    const fail = (error: unknown): undefined => {
      const text = `${topic} cannot be shown: ${(error as Error).message}`;
      if (this.#failed.size < 100 && !this.#failed.has(text)) {
        this.#failed.add(text);
        this.#onFailed(text);
      }
    };
    try {
      const { cdr } = message;
      switch (panel) {
        case 'camera':
          return cameraPreview(type, cdr) ?? this.#decoder?.decode(message).catch(fail);
        case 'depth':
          return depthPreview(cdr);
        case 'cloud':
          return cloudPreview(cdr);
        case 'confidence':
          return confidencePreview(cdr);
        default:
          return bytePreview(cdr);
      }
    } catch (error) {
      return fail(error);
    }
  }
}

/** Confidence comes as one byte or as a float of a pixel. */
function confidencePreview(cdr: Uint8Array): Preview {
  try {
    return bytePreview(cdr);
  } catch {
    return depthPreview(cdr);
  }
}
