/** About how many bytes a decoded message has: those of its `data`, which is most of any large one. */
export function aboutBytes(message: unknown): number {
  const { data } = message as { readonly data?: { readonly length?: unknown } };
  return typeof data?.length === 'number' ? data.length : 0;
}
