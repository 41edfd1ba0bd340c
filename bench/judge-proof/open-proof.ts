import os from 'node:os';
import path from 'node:path';
import { ModelRunner } from '../../models/model-runner.js';
import { shippedModel } from '../../models/model-store.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { sourceDomains } from '../../training/adaptation/learning/source-samples.js';
import { rowsWith, storedResults } from '../stored-results.js';
import { proofSize } from './proof-drive.js';

/** What every proof lets be chosen, for `parseArgs`. @param name of its folder. @param frames of a drive. */
export function proofFlags(name: string, frames: number) {
  return {
    out: { type: 'string', default: path.join(os.tmpdir(), name) },
    model: { type: 'string', default: shippedModel() },
    drives: { type: 'string', default: 'town-camera:101,town-camera:102' },
    frames: { type: 'string', default: String(frames) },
    threads: { type: 'string', default: String(os.availableParallelism()) },
  } as const;
}

/** A proof as far as it went before, and what its candidates are compared with. */
export interface Proof<Row> {
  readonly rows: Row[];
  save(): Promise<void>;
  readonly threads: number;
  readonly parent: ModelRunner;
  /** Size of the pictures. */
  readonly view: { readonly width: number; readonly height: number };
  /** Of the parent. */
  readonly domains: readonly string[];
  /** For samples of these domains. */
  readonly samples: {
    readonly width: number;
    readonly height: number;
    readonly folder: string;
    readonly workers: number;
  };
}

/** @param model folder of the parent. */
export async function openProof<Row>(
  flags: { readonly out: string; readonly threads: string },
  model: string,
): Promise<Proof<Row>> {
  const threads = Number(flags.threads);
  await makeFolder(flags.out);
  const isOwn = rowsWith('drive', 'candidate', 'truth', 'report');
  const { results, save } = await storedResults<Row[]>(path.join(flags.out, 'results.json'), [], isOwn);
  const parent = await ModelRunner.open(model, threads);
  const view = proofSize(parent.manifest);
  return {
    ...{ rows: results, save, threads, parent, view, domains: sourceDomains(parent.manifest) },
    samples: { ...view, folder: path.join(flags.out, 'samples'), workers: threads },
  };
}
