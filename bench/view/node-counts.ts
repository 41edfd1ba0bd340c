/** What a node that is viewed has done so far, and what it holds now. */
export interface NodeCounts {
  /** Date.now() of the counting. */
  readonly wallMs: number;
  /** Processor time of all threads. */
  readonly cpuMs: number;
  /** Depth images published. */
  readonly depths: number;
  readonly dropped: number;
  readonly rssBytes: number;
  /** Of JavaScript alone. */
  readonly heapBytes: number;
  /** Of ArrayBuffers. */
  readonly buffersBytes: number;
  /** That wait for viewers. */
  readonly heldBytes: number;
  readonly clients: number;
  /** Depth published since the counting before: log time, Date.now(). */
  readonly published: readonly (readonly [timeNs: string, wallMs: number])[];
}

/** What the process of the node sends. */
export type FromNode =
  | { readonly kind: 'open'; readonly url: string }
  | { readonly kind: 'counts'; readonly counts: NodeCounts };

/** What it is given as its one argument, in JSON. */
export interface NodeSettings {
  readonly bag: string;
  readonly speed: number;
  readonly threads?: number;
}
