import type { LoadedModel } from '../../models/model-store.js';
import { startWorker } from '../../models/start-worker.js';
import { NodeError } from '../errors.js';
import { SharedReply } from '../perception/engine/shared-reply.js';
import type { ModelReply } from './model-worker.js';

const WORKER = new URL('./model-worker.js', import.meta.url);

/**
 * Finds a model and checks its files while this thread waits: transitions of a lifecycle node are synchronous.
 * @param model folder, NAME/N, or empty for the current version
 * @throws NodeError with the reason, or when it takes longer than `timeoutMs`.
 */
export function loadModelNow(model: string, timeoutMs: number): LoadedModel {
  const reply = new SharedReply();
  const worker = startWorker(WORKER, { workerData: { model, reply: reply.buffer } });
  worker.on('error', () => {}); // what matters of it is in the reply
  const text = reply.wait(timeoutMs);
  if (text === undefined) {
    void worker.terminate();
    throw new NodeError(
      `the model \`${model}\` was not read within ${timeoutMs / 1000} s (\`configure_timeout\`)`,
    );
  }
  const answer = JSON.parse(text) as ModelReply;
  if ('problem' in answer) throw new NodeError(answer.problem);
  return answer.model;
}
