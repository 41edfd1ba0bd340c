/** A log with all pages in one transaction. Source: SQLite file format, section 4. */
export function walFile(
  pages: readonly { readonly number: number; readonly page: Buffer }[],
  pageSize: number,
  pagesAfterCommit: number,
): Buffer {
  const header = Buffer.alloc(32);
  [0x377f0683, 3007000, pageSize, 0, 11, 22].forEach((word, index) => {
    header.writeUInt32BE(word, index * 4);
  });
  let sum: [number, number] = [0, 0];
  const add = (bytes: Buffer): void => {
    for (let at = 0; at < bytes.length; at += 8) {
      const first = (sum[0] + bytes.readUInt32BE(at) + sum[1]) % 2 ** 32;
      sum = [first, (sum[1] + bytes.readUInt32BE(at + 4) + first) % 2 ** 32];
    }
  };
  add(header.subarray(0, 24));
  header.writeUInt32BE(sum[0], 24);
  header.writeUInt32BE(sum[1], 28);
  const frames = pages.map(({ number, page }, index) => {
    const head = Buffer.alloc(24);
    head.writeUInt32BE(number, 0);
    head.writeUInt32BE(index === pages.length - 1 ? pagesAfterCommit : 0, 4);
    head.writeUInt32BE(11, 8);
    head.writeUInt32BE(22, 12);
    add(head.subarray(0, 8));
    add(page);
    head.writeUInt32BE(sum[0], 16);
    head.writeUInt32BE(sum[1], 20);
    return Buffer.concat([head, page]);
  });
  return Buffer.concat([header, ...frames]);
}
