import { z } from 'zod';
import { NodeError } from '../../errors.js';
import { requestJson } from '../request-json.js';

/** What a client of the Foxglove WebSocket protocol asks for. */
export type FoxgloveRequest =
  | { readonly op: 'subscribe'; readonly subscriptions: readonly { id: number; channelId: number }[] }
  | { readonly op: 'unsubscribe'; readonly subscriptionIds: readonly number[] }
  | {
      readonly op: 'playback';
      readonly play: boolean;
      readonly speed: number;
      readonly seekNs: bigint | undefined;
      readonly requestId: string;
    }
  /** Something that this server does not offer. */
  | { readonly op: 'other'; readonly name: string };

const OPCODE_PLAYBACK = 3;
/** Command, speed, whether a seek follows, its time, the length of the id. */
const PLAYBACK_BYTES = 1 + 4 + 1 + 8 + 4;

const id = z.number().int().min(0).max(0xffff_ffff);
const schema = z.union([
  z.object({
    op: z.literal('subscribe'),
    subscriptions: z.array(z.object({ id, channelId: id })),
  }),
  z.object({ op: z.literal('unsubscribe'), subscriptionIds: z.array(id) }),
]);

/** @throws NodeError when the text is no request of the protocol. */
export function parseFoxgloveText(text: string): FoxgloveRequest {
  const json = requestJson(text);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const op = typeof json === 'object' && json !== null && 'op' in json ? json.op : undefined;
  if (typeof op !== 'string') throw new NodeError('expected a request with `op`');
  if (op === 'subscribe' || op === 'unsubscribe')
    throw new NodeError(`\`${op}\`: ${parsed.error.issues[0]?.message ?? 'not as the protocol has it'}`);
  return { op: 'other', name: op.slice(0, 40) };
}

/** @throws NodeError when the bytes are no request of the protocol. */
export function parseFoxgloveBytes(bytes: Buffer): FoxgloveRequest {
  const opcode = bytes[0];
  if (opcode !== OPCODE_PLAYBACK) return { op: 'other', name: `binary ${opcode ?? 'nothing'}` };
  const data = bytes.subarray(1);
  if (data.length < PLAYBACK_BYTES)
    throw new NodeError(`playback control: expected at least ${PLAYBACK_BYTES} bytes, got ${data.length}`);
  const command = data.readUInt8(0);
  if (command > 1) throw new NodeError(`playback control: expected command 0 or 1, got ${command}`);
  const idLength = data.readUInt32LE(14);
  if (data.length < PLAYBACK_BYTES + idLength)
    throw new NodeError('playback control: the request id is cut off');
  return {
    op: 'playback',
    play: command === 0,
    speed: data.readFloatLE(1),
    seekNs: data.readUInt8(5) === 0 ? undefined : data.readBigUInt64LE(6),
    requestId: data.toString('utf8', PLAYBACK_BYTES, PLAYBACK_BYTES + idLength),
  };
}
