import { measureReplay } from './measure-replay.js';

/**
 * One long replay in a process of its own, for memory: `node long-replay.js BAG OUTPUT MODEL`. Prints one JSON array of
 * { frames, rss }.
 */
const [bag = '', output = '', model = ''] = process.argv.slice(2);
const { memory } = await measureReplay({ bag, output, model, pointsStride: 4 });
console.log(JSON.stringify(memory));
