import type { Random } from './random.js';

type Mutation = (bytes: Buffer, random: Random) => Buffer;

/** Values at which counts, lengths and offsets go wrong. */
const EXTREMES: readonly [bigint, ...bigint[]] = [
  0n,
  1n,
  255n,
  65_535n,
  2n ** 31n - 1n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

function range(bytes: Buffer, random: Random): [number, number] {
  const from = random.below(bytes.length);
  const length = 1 + random.below(random.pick([4, 40, 400, bytes.length]));
  return [from, Math.min(bytes.length, from + length)];
}

const flipBit: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
};

const setByte: Mutation = (bytes, random) => {
  bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
};

const fill: Mutation = (bytes, random) =>
  bytes.fill(random.pick([0, 0xff, random.below(256)]), ...range(bytes, random));

const remove: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
};

const duplicate: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  const at = random.pick([to, random.below(bytes.length)]);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at)]);
};

const overwrite: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  bytes.copyWithin(random.below(bytes.length), from, to);
  return bytes;
};

const truncate: Mutation = (bytes, random) => bytes.subarray(0, 1 + random.below(bytes.length));

const insert: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  const noise = Buffer.from(Array.from({ length: 1 + random.below(60) }, () => random.below(256)));
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
};

const extremeNumber: Mutation = (bytes, random) => {
  const width = random.pick([2, 4, 8]);
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(random.pick(EXTREMES));
  const value = field.subarray(0, width);
  (random.below(2) === 0 ? value : value.reverse()).copy(bytes, random.below(bytes.length));
  return bytes;
};

/** Changes what kind of record an MCAP record is, or how long it claims to be. */
const recordHead: Mutation = (bytes, random) => {
  const heads: number[] = [];
  for (let at = 8; at + 9 <= bytes.length; at += 9 + Number(bytes.readBigUInt64LE(at + 1))) heads.push(at);
  const at = heads[random.below(heads.length)] ?? 0;
  if (at + 9 > bytes.length) return bytes;
  if (random.below(2) === 0) bytes.writeUInt8(random.below(18), at);
  else bytes.writeUInt32LE(random.pick([0, 1, 22, 0xffffffff, random.below(bytes.length)]), at + 1);
  return bytes;
};

/** Takes a whole MCAP record away, or sets it elsewhere once more. */
const wholeRecord: Mutation = (bytes, random) => {
  const heads: number[] = [8];
  for (let at = 8; at + 9 <= bytes.length; ) {
    at += 9 + Number(bytes.readBigUInt64LE(at + 1));
    if (at <= bytes.length) heads.push(at);
  }
  const which = random.below(heads.length - 1);
  const [from = 0, to = 0] = [heads[which], heads[which + 1]];
  if (random.below(2) === 0) return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  const at = heads[random.below(heads.length)] ?? 0;
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at)]);
};

const anywhere: readonly [Mutation, ...Mutation[]] = [
  flipBit,
  setByte,
  fill,
  remove,
  duplicate,
  overwrite,
  truncate,
  insert,
  extremeNumber,
  extremeNumber,
];

/** A damaged copy of `bytes`: one to three changes, which follow from `random`. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let damaged: Buffer = Buffer.from(bytes);
  for (let left = 1 + random.below(3); left > 0 && damaged.length > 16; left--) {
    const isMcap = damaged.readUInt32BE(0) === 0x894d4341;
    const mutation =
      isMcap && random.below(3) === 0 ? random.pick([recordHead, wholeRecord]) : random.pick(anywhere);
    damaged = mutation(damaged, random);
  }
  return damaged;
}
