/**
 * What the server and its page tell each other, under the subprotocol `rxdepth.view.v1`: JSON texts both ways, and previews
 * as binary messages. A preview is the length of the head (uint32, little endian), the head as JSON, and the payload. The
 * head is padded so that it ends at a multiple of 8 bytes. Nothing here needs Node or a browser.
 */
export const PAGE_PROTOCOL = 'rxdepth.view.v1';

export const PANELS = ['camera', 'depth', 'labels', 'dynamic', 'moving', 'confidence', 'cloud'] as const;
export type PanelName = (typeof PANELS)[number];

/** `half`: half floats, metres. `byte`: classes or masks. `cloud`: see cloudPreview. */
export interface PreviewHead {
  readonly format: 'half' | 'byte' | 'rgb' | 'jpeg' | 'png' | 'cloud';
  readonly width: number;
  readonly height: number;
  readonly organised?: boolean;
  readonly hasColours?: boolean;
}

/** What coordinates of a cloud are rounded to; they reach +-327 m. */
export const CLOUD_UNIT_METERS = 0.01;
/** A coordinate that says that there is no point. */
export const NO_POINT = -32768;

export interface FrameHead extends PreviewHead {
  readonly panel: PanelName;
  readonly topic: string;
  /** Log time; a bigint in decimal digits. */
  readonly timeNs: string;
  /** From publishing to sending, milliseconds. */
  readonly heldMs: number;
}

export interface WireClass {
  readonly name: string;
  readonly color: readonly [number, number, number];
  readonly dynamic: boolean;
}

export interface WireVersion {
  /** `NAME/N` */
  readonly id: string;
  readonly current: boolean;
  readonly shipped: boolean;
  readonly method: string;
  readonly createdAt: string;
  readonly parent?: string;
  readonly judge?: WireVerdict;
}

/** How a judge decided, check by check. */
export interface WireVerdict {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly checks: readonly { readonly name: string; readonly answer: string; readonly finding: string }[];
}

/** A run of `rxdepth adapt` on this machine. */
export interface WireRun {
  /** Name of its work folder. */
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** `promoted`, `rejected`, `undecided`, `refused`, `stopped`; absent while it has no result: it runs, or was killed. */
  readonly outcome?: string;
  readonly reasons: readonly string[];
  readonly parent?: string;
  /** `NAME/N` that came of it. */
  readonly version?: string;
  readonly steps?: number;
  readonly judge?: WireVerdict;
  /** Pictures with depth before and after. */
  readonly pictures: number;
}

export interface WirePlayback {
  readonly status: 'playing' | 'paused' | 'ended';
  readonly timeNs: string;
  readonly speed: number;
}

export type ToPage =
  | {
      readonly op: 'hello';
      /** Another one: the server was started again. */
      readonly sessionId: string;
      readonly kind: 'bag' | 'output' | 'live';
      readonly name: string;
      /** With the token: the model may be changed. */
      readonly mayChange: boolean;
      readonly range?: { readonly startNs: string; readonly endNs: string };
      readonly playback?: WirePlayback;
    }
  /** What can be shown, and where it comes from. */
  | {
      readonly op: 'panels';
      readonly panels: readonly { readonly panel: PanelName; readonly topics: readonly string[] }[];
      readonly classes: readonly WireClass[];
    }
  | { readonly op: 'playback'; readonly playback: WirePlayback }
  | { readonly op: 'status'; readonly timeNs: string; readonly status: WireStatus }
  | {
      readonly op: 'models';
      readonly running: string;
      /** Absent where nobody knows. */
      readonly follows?: boolean;
      /** What a choice changes: the current version of the machine, or the model of this one node. */
      readonly scope: 'machine' | 'node';
      readonly versions: readonly WireVersion[];
      readonly problems: readonly string[];
    }
  | {
      readonly op: 'adaptation';
      readonly state: string;
      readonly bag: string;
      readonly message: string;
      readonly elapsedS: number;
      /** Progress of the phase that the message tells of, 0..1; null where it tells of none. */
      readonly progress: number | null;
    }
  /** The runs of this machine, the newest first. */
  | { readonly op: 'runs'; readonly runs: readonly WireRun[] }
  /** Pictures of a run as PNG in base64. */
  | {
      readonly op: 'comparison';
      readonly run: string;
      /** From 1 on. */
      readonly index: number;
      readonly picture: string;
      readonly before: string;
      readonly after: string;
    }
  /** What keeps a live node from working, or makes it worse, at this moment. */
  | { readonly op: 'troubles'; readonly texts: readonly string[] }
  /** Something that people should know. */
  | { readonly op: 'notice'; readonly text: string }
  /** Answers a request with an id. */
  | { readonly op: 'answer'; readonly id: number; readonly ok: boolean; readonly message: string };

/** NaN is null in JSON. */
export interface WireStatus {
  readonly model: string;
  readonly provider: string;
  readonly device: string;
  readonly inputHz: number;
  readonly outputHz: number;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly dropped: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly scale: number | null;
  readonly scaleSource: string;
  readonly lambda: number | null;
}

export type FromPage =
  /** The panels that are seen now; none in a hidden tab. */
  | { readonly op: 'show'; readonly panels: readonly PanelName[] }
  /** A frame of this panel was drawn: the next one may come. */
  | { readonly op: 'drawn'; readonly panel: PanelName }
  | {
      readonly op: 'playback';
      readonly play?: boolean;
      readonly speed?: number;
      readonly seekNs?: string;
      readonly step?: boolean;
    }
  /** Asks for the runs of adaptation. */
  | { readonly op: 'runs' }
  /** Asks for pictures of one of them. */
  | { readonly op: 'comparison'; readonly run: string; readonly index: number }
  | { readonly op: 'use'; readonly id: number; readonly version: string }
  | { readonly op: 'rollback'; readonly id: number };

const ALIGNMENT = 8;

/** The head of a binary message, padded so that the payload is aligned. */
export function encodeFrameHead(head: FrameHead): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const length = Math.ceil((4 + json.length) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(length).fill(0x20, 4);
  new DataView(bytes.buffer).setUint32(0, length - 4, true);
  bytes.set(json, 4);
  return bytes;
}

/** Head and payload of a binary message; the payload is a view of it. */
export function decodeFrame(buffer: ArrayBuffer): { readonly head: FrameHead; readonly payload: Uint8Array } {
  const length = new DataView(buffer).getUint32(0, true);
  const json = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
  return { head: JSON.parse(json) as FrameHead, payload: new Uint8Array(buffer, 4 + length) };
}
