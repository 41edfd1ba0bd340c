interface At {
  readonly stampNs: bigint;
}

/** A gap longer than this hides where the vehicle was meanwhile. */
const LONGEST_GAP_NS = 500_000_000;

/** How far a vehicle has come at any time of a drive, as something else than its camera measured it. */
export class TravelledWay {
  /** From the first measurement, in order; nanoseconds and metres. */
  readonly #times: readonly number[];
  readonly #meters: readonly number[];
  readonly #firstNs: bigint;

  private constructor(stamps: readonly bigint[], meters: readonly number[]) {
    this.#firstNs = stamps[0] ?? 0n;
    this.#times = stamps.map((stamp) => Number(stamp - this.#firstNs));
    this.#meters = meters;
  }

  /** @param measured metres a second, forwards or backwards, in any order; between two of them the speed changes evenly. */
  static ofSpeeds(measured: readonly (At & { readonly speed: number })[]): TravelledWay {
    const sorted = inOrder(measured.filter(({ speed }) => Number.isFinite(speed)));
    let way = 0;
    const meters = sorted.map(({ stampNs, speed }, i) => {
      const before = sorted[i - 1];
      if (before !== undefined)
        way += (secondsOf(before, stampNs) * (Math.abs(before.speed) + Math.abs(speed))) / 2;
      return way;
    });
    return new TravelledWay(
      sorted.map(({ stampNs }) => stampNs),
      meters,
    );
  }

  /** @param measured places in one frame, metres, in any order; between two of them the way is straight. */
  static ofPlaces(
    measured: readonly (At & { readonly x: number; readonly y: number; readonly z: number })[],
  ): TravelledWay {
    const sorted = inOrder(measured.filter(({ x, y, z }) => Number.isFinite(x + y + z)));
    let way = 0;
    const meters = sorted.map((at, i) => {
      const before = sorted[i - 1];
      if (before !== undefined) way += Math.hypot(at.x - before.x, at.y - before.y, at.z - before.z);
      return way;
    });
    return new TravelledWay(
      sorted.map(({ stampNs }) => stampNs),
      meters,
    );
  }

  /** Metres travelled between two times; undefined where the measurements do not say. */
  between(oneNs: bigint, otherNs: bigint): number | undefined {
    const [one, other] = [this.#at(oneNs), this.#at(otherNs)];
    return one === undefined || other === undefined ? undefined : Math.abs(other - one);
  }

  #at(stampNs: bigint): number | undefined {
    const time = Number(stampNs - this.#firstNs);
    const times = this.#times;
    let [low, high] = [0, times.length - 1];
    if (high < 1 || !(time >= times[0] && time <= times[high])) return undefined;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] <= time) low = middle;
      else high = middle;
    }
    const gap = times[high] - times[low];
    if (gap > LONGEST_GAP_NS) return undefined;
    const share = gap === 0 ? 0 : (time - times[low]) / gap;
    return this.#meters[low] + share * (this.#meters[high] - this.#meters[low]);
  }
}

function inOrder<T extends At>(measured: readonly T[]): T[] {
  return [...measured].sort((a, b) => (a.stampNs < b.stampNs ? -1 : a.stampNs > b.stampNs ? 1 : 0));
}

function secondsOf({ stampNs }: At, until: bigint): number {
  return Number(until - stampNs) / 1e9;
}
