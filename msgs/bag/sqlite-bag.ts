import { MessageError } from '../errors.js';
import type { BagReader } from './bag-reader.js';
import type { ProblemLog } from './problem-log.js';

/** Placeholder until the SQLite reader is in. */
export class SqliteBag {
  static async open(path: string, _log: ProblemLog): Promise<BagReader> {
    throw new MessageError(`\`${path}\`: SQLite bags cannot be read yet`);
  }
}
