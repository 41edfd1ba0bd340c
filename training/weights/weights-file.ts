/** The weights of a model folder or a checkpoint. */
export const WEIGHTS_FILE = 'weights.safetensors';
