import { BagWriter, openBag, ros2msg } from 'rxdepth/msgs';

/** Any bag of ROS 2 (SQLite or MCAP, compressed or split) as one MCAP bag, message by message as it was. */
const [from = '', to = ''] = process.argv.slice(2);
const reader = await openBag(from, { video: 'packets' });
const writer = await BagWriter.create(to);
const channels = new Map<string, number>();
for (const { topic, type, definition, qos } of reader.topics) {
  const latched = qos?.includes('durability: transient_local') ?? false;
  const text = definition ?? ros2msg(type.replace('/msg/', '/'));
  channels.set(topic, await writer.addTopic({ topic, type, definition: text, latched }));
}
let count = 0;
for await (const { topic, cdr, logTimeNs } of reader.messages()) {
  await writer.write(channels.get(topic) ?? -1, cdr, logTimeNs);
  count += 1;
}
await writer.close();
await reader.close();
console.log(`${count} messages in ${to}, ${reader.problems.length} problems`);
