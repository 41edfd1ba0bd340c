// Tests run compiled: what is tested is what is shipped, worker threads included.
export default {
  files: ['dist/test/**/*.test.js'],
  timeout: '5m',
  // onnxruntime and sharp keep native thread pools of their own; two test files at a time fit two cores.
  concurrency: 2,
};
