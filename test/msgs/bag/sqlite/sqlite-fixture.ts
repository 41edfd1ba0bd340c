import sqlite from 'node-sqlite3-wasm';
import type { FixtureMessage } from '../mcap/mcap-fixture.js';
import { fixtureTopics } from '../mcap/mcap-fixture.js';

export interface SqliteFixtureOptions {
  readonly pageSize?: number;
  /** Humble wrote neither type hashes nor definitions. */
  readonly definitions?: boolean;
}

/** A rosbag2 database written by SQLite itself, rows in the order given. */
export function sqliteFile(
  path: string,
  messages: readonly FixtureMessage[],
  { pageSize = 4096, definitions = true }: SqliteFixtureOptions = {},
): void {
  const database = new sqlite.Database(path);
  database.exec(`PRAGMA page_size = ${pageSize}`);
  const hash = definitions ? ', type_description_hash TEXT NOT NULL' : '';
  database.exec(`
    CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL,
      serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL${hash});
    CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE INDEX timestamp_idx ON messages (timestamp ASC);`);
  if (definitions) {
    database.exec(`CREATE TABLE message_definitions(id INTEGER PRIMARY KEY, topic_type TEXT NOT NULL,
      encoding TEXT NOT NULL, encoded_message_definition TEXT NOT NULL, type_description_hash TEXT NOT NULL)`);
    database.run(
      "INSERT INTO message_definitions VALUES (1, 'std_msgs/msg/UInt8MultiArray', 'ros2msg', ?, '')",
      [`uint8[] data\n${'# long '.repeat(3000)}`],
    );
  }
  fixtureTopics.forEach((name, index) => {
    const values = [index + 1, name, 'std_msgs/msg/UInt8MultiArray', 'cdr', '- history: 1'];
    const marks = definitions ? "?, ?, ?, ?, ?, ''" : '?, ?, ?, ?, ?';
    database.run(`INSERT INTO topics VALUES (${marks})`, values);
  });
  database.exec('BEGIN');
  for (const { topic, logTimeNs, data } of messages) {
    database.run('INSERT INTO messages(topic_id, timestamp, data) VALUES (?, ?, ?)', [
      fixtureTopics.indexOf(topic) + 1,
      logTimeNs,
      data,
    ]);
  }
  database.exec('COMMIT');
  database.close();
}
