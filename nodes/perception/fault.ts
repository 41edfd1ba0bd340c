/** The reason why one frame has no result. It is a value, not an exception, so the stream goes on. */
export interface Fault {
  /** Tells a fault from a frame. */
  readonly kind: 'fault';
  /** Name of the stage that gave the frame up. */
  readonly stage: string;
  /** What was wrong, and what was expected. */
  readonly reason: string;
  /** Topic of the image. */
  readonly topic: string;
  /** Stamp of the image, nanoseconds since the epoch. */
  readonly stampNs: bigint;
  /** Log time of the image, nanoseconds since the epoch. */
  readonly logTimeNs: bigint;
  /** Set if the frame was left out on purpose. It then counts as dropped, not as failed. */
  readonly dropped?: true;
}

/** The fault that takes the place of `image` because of `cause`. */
export function faultOf(
  stage: string,
  image: { readonly topic: string; readonly stampNs: bigint; readonly logTimeNs: bigint },
  cause: unknown,
): Fault {
  const { topic, stampNs, logTimeNs } = image;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return { kind: 'fault', stage, reason, topic, stampNs, logTimeNs };
}

/** What takes the place of `image` when it is left out on purpose. */
export function dropOf(stage: string, image: Parameters<typeof faultOf>[1], reason: string): Fault {
  return { ...faultOf(stage, image, reason), dropped: true };
}
