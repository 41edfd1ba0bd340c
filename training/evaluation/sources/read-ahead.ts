/** The same values; the next one is already being made while the present one is used. */
export async function* readAhead<T>(values: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = values[Symbol.asyncIterator]();
  let coming: Promise<IteratorResult<T>> | undefined;
  try {
    coming = iterator.next();
    for (;;) {
      const result = await coming;
      coming = undefined;
      if (result.done) return;
      coming = iterator.next();
      coming.catch(() => {}); // reported when it is awaited
      yield result.value;
    }
  } finally {
    await coming?.catch(() => {});
    await iterator.return?.();
  }
}
