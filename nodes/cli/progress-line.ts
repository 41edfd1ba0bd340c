/** A stream for progress text: a terminal or a log file. */
export interface ProgressStream {
  /** Whether the stream is a terminal. */
  readonly isTTY?: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: number;
  /** Writes text. */
  write(text: string): unknown;
}

const TERMINAL_MS = 200;
const LOG_MS = 5000;
const BAR_WIDTH = 24;

/** A progress bar with frame rate and remaining time; on anything but a terminal, a plain line every few seconds. */
export class ProgressLine {
  readonly #stream: ProgressStream;
  readonly #total: number | undefined;
  readonly #now: () => number;
  readonly #startMs: number;
  #shownMs: number;
  #drawn = false;

  /** @param total frames to come, as far as known */
  constructor(
    stream: ProgressStream,
    total: number | undefined,
    now: () => number = () => performance.now(),
  ) {
    this.#stream = stream;
    this.#total = total;
    this.#now = now;
    this.#startMs = now();
    this.#shownMs = this.#startMs;
  }

  update(done: number, note = ''): void {
    const nowMs = this.#now();
    if (nowMs - this.#shownMs < (this.#stream.isTTY ? TERMINAL_MS : LOG_MS)) return;
    this.#shownMs = nowMs;
    const text = this.#text(done, note, (nowMs - this.#startMs) / 1000);
    if (!this.#stream.isTTY) this.#stream.write(`${text}\n`);
    else {
      this.#stream.write(`\r\x1b[2K${text.slice(0, (this.#stream.columns ?? 80) - 1)}`);
      this.#drawn = true;
    }
  }

  /** A line of its own; the bar is drawn again below it. */
  say(text: string): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }

  clear(): void {
    if (this.#drawn) this.#stream.write('\r\x1b[2K');
    this.#drawn = false;
  }

  #text(done: number, note: string, seconds: number): string {
    const fps = seconds > 0 ? done / seconds : 0;
    const rate = `${fps.toFixed(1)} fps`;
    const tail = note === '' ? '' : `  ${note}`;
    if (this.#total === undefined || this.#total === 0) return `${done} frames  ${rate}${tail}`;
    const share = Math.min(1, done / this.#total);
    const filled = Math.round(share * BAR_WIDTH);
    const bar = '#'.repeat(filled) + '.'.repeat(BAR_WIDTH - filled);
    const left = fps > 0 ? `ETA ${formatDuration((this.#total - done) / fps)}` : 'ETA -';
    return `[${bar}] ${done}/${this.#total} frames  ${rate}  ${left}${tail}`;
  }
}

/** `42 s`, `3:07`, `1:02:03`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const pad = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}
