import { workerData } from 'node:worker_threads';
import { type LoadedModel, loadModel } from '../../models/model-store.js';
import { resolveModel } from '../../models/resolve-model.js';
import { SharedReply } from '../perception/engine/shared-reply.js';

/** JSON of the reply. */
export type ModelReply = { readonly model: LoadedModel } | { readonly problem: string };

/** The worker behind `loadModelNow`. */
const { model, reply } = workerData as { readonly model: string; readonly reply: SharedArrayBuffer };
let answer: ModelReply;
try {
  answer = { model: await loadModel(await resolveModel(model === '' ? undefined : model)) };
} catch (error) {
  answer = { problem: (error as Error).message };
}
new SharedReply(reply).send(JSON.stringify(answer));
