import { MessageError } from './errors.js';

/** builtin_interfaces/Time: seconds since the epoch of the clock in use, and nanoseconds in [0, 1e9). */
export interface Stamp {
  /** Whole seconds, int32. */
  readonly sec: number;
  /** Nanoseconds in [0, 1e9). */
  readonly nanosec: number;
}

const NS_PER_SEC = 1_000_000_000n;

/** Returns the stamp as nanoseconds since the epoch: a bigint, because float64 resolves only 256 ns at today's date. */
export function stampToNs(stamp: Stamp): bigint {
  return BigInt(stamp.sec) * NS_PER_SEC + BigInt(stamp.nanosec);
}

/**
 * Returns `ns`, nanoseconds since the epoch, as a stamp: the inverse of `stampToNs`. Negative times round down, so `nanosec` is
 * always in [0, 1e9).
 * @throws MessageError if the seconds do not fit int32: times before 1901 or after 2038.
 */
export function nsToStamp(ns: bigint): Stamp {
  const nanosec = ((ns % NS_PER_SEC) + NS_PER_SEC) % NS_PER_SEC;
  const sec = (ns - nanosec) / NS_PER_SEC;
  if (BigInt.asIntN(32, sec) !== sec) {
    throw new MessageError(
      `stamp of ${ns} ns: expected \`sec\` to fit int32 (years 1901 to 2038), got ${sec}`,
    );
  }
  return { sec: Number(sec), nanosec: Number(nanosec) };
}
