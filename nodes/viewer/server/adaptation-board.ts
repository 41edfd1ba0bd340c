import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { NodeError } from '../../errors.js';
import type { ToPage, WireRun } from '../page-protocol.js';
import { verdictSchema } from './verdict-schema.js';

/** What `rxdepth adapt` writes when it ends; only what is shown. */
const resultSchema = z.object({
  outcome: z.string(),
  reasons: z.array(z.string()),
  parent: z.string().optional(),
  version: z.string().optional(),
  steps: z.number().optional(),
  judge: verdictSchema.optional(),
});

/** The latest runs have their folders there, under the home of the versions. */
const FOLDER = '.adaptations';
/** The time at which a run began, and its process. */
const RUN = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-\d+$/;
const AFTER = /^\d+-after\.png$/;
const KINDS = ['picture', 'before', 'after'] as const;

/** The runs of adaptation that left their folders on this machine: how each was judged, and pictures of before and after. */
export class AdaptationBoard {
  readonly #folder: string;

  /** @param home of the versions, as VersionStore has it */
  constructor(home: string) {
    this.#folder = path.join(home, FOLDER);
  }

  /** The newest first. What cannot be read is a run without a result. */
  async list(): Promise<ToPage & { op: 'runs' }> {
    const names = (await readdir(this.#folder).catch((): string[] => []))
      .filter((name) => RUN.test(name))
      .sort();
    return { op: 'runs', runs: await Promise.all(names.reverse().map((name) => this.#described(name))) };
  }

  /** @throws NodeError when there is no such run, or no such picture of it. */
  async comparison(run: string, index: number): Promise<ToPage & { op: 'comparison' }> {
    // A name of the list: nothing else of the disk is reached.
    const names = await readdir(this.#folder).catch((): string[] => []);
    if (!RUN.test(run) || !names.includes(run))
      throw new NodeError(`there is no run \`${run.slice(0, 60)}\``);
    const read = async (kind: (typeof KINDS)[number]) => {
      const file = path.join(this.#folder, run, 'panels', `${index}-${kind}.png`);
      return (await readFile(file)).toString('base64');
    };
    try {
      const [picture, before, after] = await Promise.all([read('picture'), read('before'), read('after')]);
      return { op: 'comparison', run, index, picture, before, after };
    } catch (cause) {
      throw new NodeError(`run ${run} left no picture ${index}: ${(cause as Error).message}`, { cause });
    }
  }

  async #described(id: string): Promise<WireRun> {
    const folder = path.join(this.#folder, id);
    const [text, panels] = await Promise.all([
      readFile(path.join(folder, 'result.json'), 'utf8').catch(() => ''),
      readdir(path.join(folder, 'panels')).catch(() => []),
    ]);
    const startedAt = id.replace(RUN, '$1-$2-$3T$4:$5:$6Z');
    const about = { id, startedAt, pictures: panels.filter((name) => AFTER.test(name)).length };
    try {
      // zod's optional fields may be undefined, which is the same here.
      return { ...about, ...(resultSchema.parse(JSON.parse(text)) as Pick<WireRun, 'reasons'>) };
    } catch {
      return { ...about, reasons: [] };
    }
  }
}
