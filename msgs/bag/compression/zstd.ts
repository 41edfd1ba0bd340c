import zstd from '@foxglove/wasm-zstd';

/** One-shot zstd, in WebAssembly: for chunks and messages. Files are streamed, see `inflate-file.ts`. */
export interface Zstd {
  compress(bytes: Uint8Array, level: number): Uint8Array;
  /** Throws where the frame is damaged or `size` bytes do not fit. */
  decompress(bytes: Uint8Array, size: number): Buffer;
}

/** Waits for the WebAssembly of zstd. Its `decompress` throws a RangeError for bytes of another size than was told. */
export async function loadZstd(): Promise<Zstd> {
  await zstd.isLoaded;
  return {
    compress: (bytes, level) => zstd.compress(bytes, level),
    decompress: (bytes, size) => {
      const output = zstd.decompress(bytes, size);
      if (output.length !== size) throw new RangeError(`zstd: expected ${size} bytes, got ${output.length}`);
      return output;
    },
  };
}
