/** Values or gradients by parameter name. */
export type Tensors = Readonly<Record<string, Float32Array>>;
