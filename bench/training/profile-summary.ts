/** What onnxruntime's time goes into, by kind of op. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ['convolution', /^(Conv|FusedConv|ConvTranspose|.*MatMul|.*Gemm)$/],
  ['layout', /^(Transpose|Reorder.*|Reshape|Squeeze|Unsqueeze|Flatten)$/],
  ['copies', /^(Pad|Concat|Slice|Split|Gather.*|Scatter.*|Expand|Tile|Resize|Identity|Cast|Memcpy.*)$/],
  ['reductions', /^(Reduce.*|ArgMax|ArgMin|CumSum|.*Softmax)$/],
  ['pooling', /^(MaxPool|AveragePool|Global.*Pool)$/],
];

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

export interface ProfileSummary {
  /** Of one run: milliseconds in kernels, by kind; everything else is elementwise. */
  readonly kinds: Readonly<Record<string, number>>;
  /** The ops that take most. */
  readonly ops: readonly { readonly op: string; readonly ms: number; readonly count: number }[];
}

/** Sums up a profile that onnxruntime wrote; the first `warmup` runs are left out. */
export function summarizeProfile(json: string, warmup: number): ProfileSummary {
  const events = JSON.parse(json) as ProfileEvent[]; // Chrome's trace format
  const runs = events
    .filter(({ name }) => name === 'model_run')
    .toSorted((a, b) => a.ts - b.ts)
    .slice(warmup);
  const begin = runs[0]?.ts ?? Number.POSITIVE_INFINITY;
  const ops = new Map<string, { ms: number; count: number }>();
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== 'Node' || ts < begin || !name.endsWith('_kernel_time')) continue;
    const op = args?.op_name ?? 'unknown';
    const sum = ops.get(op) ?? { ms: 0, count: 0 };
    ops.set(op, { ms: sum.ms + dur / 1000 / runs.length, count: sum.count + 1 / runs.length });
  }
  const kinds: Record<string, number> = Object.fromEntries(KINDS.map(([kind]) => [kind, 0]));
  for (const [op, { ms }] of ops) {
    const kind = KINDS.find(([, pattern]) => pattern.test(op))?.[0] ?? 'elementwise';
    kinds[kind] = (kinds[kind] ?? 0) + ms;
  }
  const sorted = [...ops].map(([op, sum]) => ({ op, ...sum })).toSorted((a, b) => b.ms - a.ms);
  return { kinds, ops: sorted };
}
