/** The memory of a batch's typed arrays, to be handed from one thread to another. */
export function buffersOf(batch: object): ArrayBuffer[] {
  const buffers = Object.values(batch).map((array: unknown) =>
    ArrayBuffer.isView(array) ? array.buffer : undefined,
  );
  return buffers.filter((buffer) => buffer instanceof ArrayBuffer);
}
