/** Damage on which a reader of this project failed once, by the seed that makes it again. Only ever added to. */
export const corpus: readonly { readonly seed: number; readonly why: string }[] = [];
