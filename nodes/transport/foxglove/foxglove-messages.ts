/**
 * Messages that a server sends in the Foxglove WebSocket protocol.
 * Source: foxglove-sdk, rust/foxglove/src/protocol (v1); ws-protocol, docs/spec.md.
 */

/** The name since 2025 first, then the one before; the messages are the same. */
export const FOXGLOVE_PROTOCOLS = ['foxglove.sdk.v1', 'foxglove.websocket.v1'] as const;

const OPCODE = { messageData: 1, time: 2, playbackState: 5 } as const;

export const PLAYBACK_STATUS = { playing: 0, paused: 1, buffering: 2, ended: 3 } as const;
export type PlaybackStatus = keyof typeof PLAYBACK_STATUS;

export const STATUS_LEVEL = { info: 0, warning: 1, error: 2 } as const;

export interface FoxgloveServerInfo {
  readonly name: string;
  readonly capabilities: readonly string[];
  /** Clients that connect again and find another one begin anew. */
  readonly sessionId: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Time range of a recording; absent for a live source. */
  readonly range?: { readonly startNs: bigint; readonly endNs: bigint };
}

/** The first message of a server: what it can do, and the times of a recording, if it plays one. */
export function serverInfoMessage({ range, ...info }: FoxgloveServerInfo): string {
  return JSON.stringify({
    op: 'serverInfo',
    ...info,
    ...(range && { dataStartTime: timeOf(range.startNs), dataEndTime: timeOf(range.endNs) }),
  });
}

function timeOf(ns: bigint): { sec: number; nsec: number } {
  return { sec: Number(ns / 1_000_000_000n), nsec: Number(ns % 1_000_000_000n) };
}

export interface FoxgloveChannel {
  readonly id: number;
  readonly topic: string;
  /** `sensor_msgs/msg/Image` */
  readonly type: string;
  /** ros2msg text with dependencies. */
  readonly definition: string;
}

/** Announces channels, whose messages are CDR by definitions of ROS 2. */
export function advertiseMessage(channels: readonly FoxgloveChannel[]): string {
  return JSON.stringify({
    op: 'advertise',
    channels: channels.map(({ id, topic, type, definition }) => ({
      ...{ id, topic, encoding: 'cdr', schemaName: type, schemaEncoding: 'ros2msg', schema: definition },
    })),
  });
}

/** Takes channels back. */
export function unadvertiseMessage(channelIds: readonly number[]): string {
  return JSON.stringify({ op: 'unadvertise', channelIds });
}

/** @param level one of STATUS_LEVEL */
export function statusMessage(level: number, message: string): string {
  return JSON.stringify({ op: 'status', level, message });
}

/** What stands before the message's own bytes; these follow as they are. */
export function messageDataHead(subscriptionId: number, logTimeNs: bigint): Buffer {
  const head = Buffer.alloc(1 + 4 + 8);
  head.writeUInt8(OPCODE.messageData, 0);
  head.writeUInt32LE(subscriptionId, 1);
  head.writeBigUInt64LE(logTimeNs, 5);
  return head;
}

/** The time of a recording that plays, nanoseconds. */
export function timeMessage(ns: bigint): Buffer {
  const message = Buffer.alloc(1 + 8);
  message.writeUInt8(OPCODE.time, 0);
  message.writeBigUInt64LE(ns, 1);
  return message;
}

export interface FoxglovePlaybackState {
  readonly status: PlaybackStatus;
  readonly timeNs: bigint;
  readonly speed: number;
  readonly didSeek: boolean;
  /** Id of the request that this answers; '' for none. */
  readonly requestId: string;
}

/** Where a recording stands, whether it plays, and how fast. */
export function playbackStateMessage(state: FoxglovePlaybackState): Buffer {
  const id = Buffer.from(state.requestId, 'utf8');
  const message = Buffer.alloc(1 + 1 + 8 + 4 + 1 + 4 + id.length);
  message.writeUInt8(OPCODE.playbackState, 0);
  message.writeUInt8(PLAYBACK_STATUS[state.status], 1);
  message.writeBigUInt64LE(state.timeNs, 2);
  message.writeFloatLE(state.speed, 10);
  message.writeUInt8(state.didSeek ? 1 : 0, 14);
  message.writeUInt32LE(id.length, 15);
  id.copy(message, 19);
  return message;
}
