import test from 'ava';
import { nalUnits } from '../../../msgs/video/nal-units.js';
import { annexB } from './bit-writer.js';
import { av, CODECS, decoded, PICTURES } from './decoded-video.js';
import { type EncodedPacket, exactVideo, whereVideo } from './encode-video.js';

const withAv = whereVideo(test, av);
if (av === undefined) test('decoding was not tested: node-av is not installed', (t) => t.pass());

const unitless = new Uint8Array();

withAv('parameters in a packet of their own belong to the next frame', async (t) => {
  const packets = await exactVideo(PICTURES.slice(0, 3), 'h264');
  const [first, ...rest] = packets;
  const data = Buffer.from(first?.data ?? []);
  // Up to the key frame's slice.
  const at = data.indexOf(Buffer.from([0, 0, 1, 0x65]));
  t.true(at > 0);
  const parts = [data.subarray(0, at), data.subarray(at)].map((part) => ({
    picture: 0,
    data: Buffer.concat([Buffer.from([0]), part]),
  }));
  const { shown, losses } = await decoded(
    t,
    [{ picture: 0, data: parts[0]?.data ?? data }, { picture: 0, data: parts[1]?.data ?? data }, ...rest],
    'h264',
  );
  t.deepEqual(shown, [0, 1, 2]);
  t.deepEqual(losses, []);
});

/** Packets as MP4 keeps them: each unit behind its length. */
function behindLengths(packets: readonly EncodedPacket[], bytes: 2 | 4): EncodedPacket[] {
  return packets.map(({ picture, data }) => ({
    picture,
    data: Buffer.concat(
      nalUnits(data).flatMap((unit) => {
        const length = Buffer.alloc(bytes);
        length.writeUIntBE(unit.length, 0, bytes);
        return [length, unit];
      }),
    ),
  }));
}

withAv('packets whose units lie behind lengths, as in MP4, decode as those with start codes', async (t) => {
  for (const codec of CODECS) {
    const packets = await exactVideo(PICTURES, codec);
    for (const bytes of [4, 2] as const) {
      const { shown, losses } = await decoded(t, behindLengths(packets, bytes), codec);
      t.deepEqual(shown, [...PICTURES.keys()]);
      t.deepEqual(losses, []);
    }
  }
});

withAv(
  'parameter sets come from a configuration record too; without any, the message says what to do',
  async (t) => {
    const isSet = {
      h264: (unit: number) => [7, 8].includes(unit & 31),
      h265: (unit: number) => unit >> 1 >= 32,
    };
    for (const codec of CODECS) {
      const packets = await exactVideo(PICTURES, codec, { group: 20 });
      const ofFirst = nalUnits(packets[0]?.data ?? new Uint8Array());
      const sets = ofFirst.filter((unit) => isSet[codec](unit[0] ?? 0) && (unit[0] ?? 0) >> 1 !== 39);
      const bare = behindLengths(
        packets.map(({ picture, data }) => ({
          picture,
          data: annexB(...nalUnits(data).filter((unit) => !isSet[codec](unit[0] ?? 0))),
        })),
        4,
      );
      const one = (unit: Uint8Array) => [unit.length >> 8, unit.length & 255, ...unit];
      const record =
        codec === 'h264'
          ? [1, 0, 0, 0, 0xff, 0xe1, ...one(sets[0] ?? unitless), 1, ...one(sets[1] ?? unitless)]
          : [
              1,
              ...Array<number>(21).fill(0),
              3,
              ...sets.flatMap((unit) => [(unit[0] ?? 0) >> 1, 0, 1, ...one(unit)]),
            ];
      const whole = await decoded(t, [{ picture: 0, data: Uint8Array.from(record) }, ...bare], codec);
      t.deepEqual(whole.shown, [...PICTURES.keys()]);
      t.deepEqual(whole.losses, []);
      const { shown, losses } = await decoded(t, bare, codec);
      t.deepEqual(shown, []);
      t.regex(
        losses[0]?.reason ?? '',
        /parameter sets.*have the encoder send them with each key frame.*mp4toannexb/,
      );
    }
  },
);
