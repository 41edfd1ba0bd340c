/** The data of a cloud of this project as whole words, in place where they lie at a multiple of four bytes. */
export function cloudWords({ data }: { readonly data: Uint8Array }): {
  readonly floats: Float32Array;
  readonly words: Uint32Array;
} {
  const { buffer, byteOffset, byteLength } = data.byteOffset % 4 === 0 ? data : data.slice();
  const count = byteLength >> 2;
  return {
    floats: new Float32Array(buffer, byteOffset, count),
    words: new Uint32Array(buffer, byteOffset, count),
  };
}
