export { completeWasm as registerWasmFilterGradient } from '../training/eager/complete-wasm.js';
