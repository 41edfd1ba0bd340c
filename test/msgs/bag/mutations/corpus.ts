/**
 * Damage that a reader of this project once took without a word, by the form of the bag and the seed that makes it again.
 * Only ever added to.
 */
export const corpus: readonly { readonly form: string; readonly seed: number; readonly was: string }[] = [
  { form: 'mcap, no chunks', seed: 12, was: '1 lost, 1 changed' },
  { form: 'mcap, zstd chunks, no summary', seed: 27, was: '9 lost' },
  { form: 'mcap, zstd chunks, no summary', seed: 59, was: '1 changed' },
  { form: 'sqlite', seed: 83, was: '1 lost' },
  { form: 'mcap, no chunks', seed: 159, was: '1 lost, 1 changed' },
  { form: 'mcap, no chunks', seed: 327, was: '1 lost, 1 changed' },
  { form: 'mcap, no chunks', seed: 401, was: '2 lost, 2 changed' },
  { form: 'sqlite, rows of several pages', seed: 442, was: '1 lost' },
  { form: 'mcap, no chunks', seed: 547, was: '1 lost, 1 changed' },
  { form: 'mcap, no chunks', seed: 571, was: '1 lost, 1 changed' },
  { form: 'sqlite, zstd messages', seed: 717, was: '1 lost' },
  { form: 'sqlite, zstd messages', seed: 924, was: '4 lost, 1 changed' },
  { form: 'mcap, zstd chunks, no summary', seed: 1002028, was: '40 lost' },
  { form: 'mcap, zstd chunks, no summary', seed: 1002300, was: '40 lost' },
  { form: 'mcap, zstd chunks, no summary', seed: 1004559, was: '18 lost' },
  { form: 'mcap, zstd chunks, no summary', seed: 1009149, was: '36 lost' },
];
