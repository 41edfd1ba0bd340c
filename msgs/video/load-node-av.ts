import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { MessageError } from '../errors.js';
import type { NodeAv } from './node-av.js';

/** AV_LOG_QUIET: what is wrong with packets is told by their losses. */
const QUIET = -8;
const INSTALL = 'npm install --no-save --save-prod --ignore-scripts node-av@6';

// Unlike an import, this looks into NODE_PATH too; the rest of node-av (formats, WebRTC) is not loaded.
const resolve = () => createRequire(import.meta.url).resolve('node-av/lib');
const own = async (): Promise<NodeAv> => (await import(pathToFileURL(resolve()).href)) as NodeAv;

/** Whether node-av is there, without loading it. @throws MessageError with what to run when it is missing */
export function findNodeAv(): void {
  try {
    resolve();
  } catch (cause) {
    throw explained(cause);
  }
}

/**
 * FFmpeg's decoders, loaded by those who meet video.
 * @throws MessageError with what to run, when node-av is missing or does not fit this machine.
 */
export async function loadNodeAv(load: () => Promise<NodeAv> = own): Promise<NodeAv> {
  try {
    const av = await load();
    av.Log.setLevel(QUIET);
    return av;
  } catch (cause) {
    throw explained(cause);
  }
}

function explained(cause: unknown): MessageError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const missing = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
  return new MessageError(
    missing
      ? `node-av, which decodes video, is not installed: run \`${INSTALL}\` in the rxdepth folder (docs/replay.md)`
      : `node-av, which decodes video, cannot be loaded here: ${message.trim().split('\n')[0]}; run \`${INSTALL}\` in the rxdepth folder`,
    { cause },
  );
}
