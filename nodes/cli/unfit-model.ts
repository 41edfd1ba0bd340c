import { isDeepStrictEqual } from 'node:util';
import type { LoadedModel } from '../../models/model-store.js';
import { perceptionTopics } from '../perception/perception-topics.js';

/** Why a model cannot follow another within one output: its topics are announced once. @param advice what to do then. @returns undefined where it can. */
export function unfitModel(running: LoadedModel, next: LoadedModel, advice: string): string | undefined {
  const topics = ({ manifest }: LoadedModel) =>
    perceptionTopics('', { metric: manifest.depth.metric, model: manifest });
  if (isDeepStrictEqual(topics(running), topics(next))) return undefined;
  return `it has other outputs (metres, labels, confidence); ${advice}`;
}
