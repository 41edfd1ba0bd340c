import type { RandomAccessFile } from '../files/random-access-file.js';
import type { ProblemLog } from '../problem-log.js';
import { DamageReport } from './damage-report.js';
import { McapCollector, type McapCollectorOptions } from './mcap-collector.js';
import type { McapIndex } from './mcap-index.js';
import { MCAP_MAGIC, type McapChunkIndex, opcodes, RECORD_PREFIX, recordFrame } from './mcap-records.js';
import { McapSearch } from './mcap-search.js';
import type { McapSummary } from './mcap-summary.js';
import { recordVerdict } from './record-verdict.js';
import { RecordWindow } from './record-window.js';

/** Enough for the fixed part of every record, with short names. */
const HEAD_BYTES = 256;
/** Zeros behind the last record up to this size are no loss. */
const BLANK_BYTES = 64 << 10;
/** How many bytes may be walked over again in search of sense, for each of the file. */
const MOST_REPEATS = 2;

/**
 * Finds everything in a file by walking over the records of its data section. Chunks that the summary describes are
 * passed over by it; of everything else little more than the heads is read. Where a record makes no sense, the next
 * chunk or message that does is searched for.
 */
export async function scanIndex(options: McapCollectorOptions): Promise<McapIndex> {
  return await new Scan(options).run();
}

class Scan {
  readonly #file: RandomAccessFile;
  readonly #log: ProblemLog;
  readonly #summary: McapSummary | undefined;
  /** Where the data section ends, as far as that is known. */
  readonly #end: number;
  readonly #window: RecordWindow;
  readonly #collected: McapCollector;
  readonly #search: McapSearch;
  readonly #damage: DamageReport;
  #repeats: number;

  constructor(options: McapCollectorOptions) {
    const { file, log, summary } = options;
    this.#file = file;
    this.#log = log;
    this.#summary = summary;
    this.#end = summary?.start ?? file.size;
    this.#repeats = MOST_REPEATS * file.size;
    this.#window = new RecordWindow(file);
    this.#collected = new McapCollector(options, this.#window);
    this.#search = new McapSearch(file, this.#end, (id) => this.#hasChannel(id));
    this.#damage = new DamageReport(file.path, file.size, log);
  }

  async run(): Promise<McapIndex> {
    await this.#walk();
    await this.#collected.settle();
    this.#damage.end();
    this.#collected.compareChunks();
    return this.#collected.index();
  }

  #hasChannel(id: number): boolean {
    return this.#collected.definitions.channels.has(id);
  }

  async #walk(): Promise<void> {
    let at = MCAP_MAGIC.length;
    /** Where a search for sense starts: after the last record that certainly was one. */
    let trusted = at;
    let isPastData = false;
    let jump: { readonly from: number; readonly to: number } | undefined;
    while (at < this.#end) {
      const to = await this.#jump(at);
      if (to !== undefined) {
        jump = { from: at, to };
        at = to;
        trusted = at - 1;
        continue;
      }
      const head = await this.#window.at(at, HEAD_BYTES);
      const frame = recordFrame(head, 0);
      const verdict = recordVerdict(frame, head, this.#file.size - at, (id) => this.#hasChannel(id));
      if (frame !== undefined && verdict === 'footer') {
        if (await this.#isEnd(at + frame.end)) break;
        at = await this.#afterFooter(at, at + frame.end);
        trusted = at - 1;
        isPastData = false;
        continue;
      }
      if (frame === undefined || verdict === 'senseless') {
        if (jump?.to === at) {
          // The index is wrong about this chunk: it is read like one that has no index.
          this.#summary?.chunks.delete(jump.from);
          this.#collected.takeBack();
          at = jump.from;
          jump = undefined;
          continue;
        }
        const next = await this.#afterNonsense(at, trusted, isPastData);
        if (next === undefined) break;
        at = next;
        trusted = at;
        continue;
      }
      const end = at + frame.end;
      if (verdict === 'cut') {
        const next = await this.#search.next(at + RECORD_PREFIX, [opcodes.chunk]);
        await this.#collected.addCut(frame, head, at, next ?? this.#file.size);
        if (next === undefined) break;
        at = next;
        trusted = at;
        continue;
      }
      await this.#collected.add(frame, head, at, end);
      if (verdict === 'certain') {
        trusted = end - 1;
        isPastData = false;
      } else if (frame.opcode === opcodes.dataEnd) isPastData = true;
      at = end;
    }
  }

  /** Takes a chunk from the index, if one begins at `at` of which that says enough. @returns where it ends. */
  async #jump(at: number): Promise<number | undefined> {
    const chunk = this.#summary?.chunks.get(at);
    if (chunk === undefined || !this.#isTrustworthy(chunk)) return undefined;
    await this.#collected.jump(chunk);
    const { length, messageIndexLength } = chunk;
    const end = at + length + messageIndexLength;
    return end <= this.#end ? end : at + length;
  }

  #isTrustworthy({ offset, length, startNs, endNs, channelIds }: McapChunkIndex): boolean {
    const { statistics, definitions } = this.#collected;
    if (statistics === undefined || length < RECORD_PREFIX || offset + length > this.#end || startNs > endNs)
      return false;
    const { channels } = definitions;
    const ids = channelIds.size > 0 ? channelIds : channels.keys();
    for (const id of ids) if (!definitions.isKnown(id)) return false;
    return channelIds.size > 0 || channels.size === statistics.channelCount;
  }

  /** Reports nonsense at `at`; returns where there is sense again, after `trusted`. */
  async #afterNonsense(at: number, trusted: number, isPastData: boolean): Promise<number | undefined> {
    // What was walked over may have been an illusion; how often that is believed is bounded.
    const again = at - trusted;
    const from = again <= this.#repeats ? trusted + 1 : at + 1;
    if (from <= at) this.#repeats -= again;
    const next = await this.#search.next(from, [opcodes.chunk, opcodes.message]);
    await this.#collected.settle();
    // Behind the data only the index can be damaged, which is said elsewhere.
    if (next !== undefined || !(isPastData || (await this.#isBlankFrom(at))))
      this.#damage.add(next !== undefined && next <= at ? trusted : at, next);
    return next;
  }

  /** Whether a footer that ends at `at` is the last thing in the file, but for the magic and zeros. */
  async #isEnd(at: number): Promise<boolean> {
    return this.#file.size - at <= MCAP_MAGIC.length || (await this.#isBlankFrom(at + MCAP_MAGIC.length));
  }

  /** Reports a footer that ends nothing, as in files that were joined; returns where the file goes on. */
  async #afterFooter(at: number, end: number): Promise<number> {
    await this.#collected.settle();
    this.#log.add({
      file: this.#file.path,
      what: `a footer at byte ${at}, though the file goes on`,
      lost: 'nothing by itself; what follows is read',
    });
    const magic = await this.#window.at(end, MCAP_MAGIC.length);
    return magic.equals(MCAP_MAGIC) ? end + MCAP_MAGIC.length : end;
  }

  /** Whether only zeros follow: what writers of whole pages leave when they are killed. */
  async #isBlankFrom(at: number): Promise<boolean> {
    const length = this.#end - at;
    if (length > BLANK_BYTES) return false;
    return (await this.#file.read(at, length)).every((byte) => byte === 0);
  }
}
