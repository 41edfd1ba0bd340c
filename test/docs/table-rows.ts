/** The rows of the first Markdown table whose first column has this heading, each cell by its column's heading. */
export function tableRows(markdown: string, firstHeading: string): Record<string, string>[] {
  const lines = markdown.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`| ${firstHeading} |`));
  if (from < 0) throw new Error(`no table begins with the column \`${firstHeading}\``);
  const end = lines.findIndex((line, i) => i > from && !line.startsWith('|'));
  const headings = cells(lines[from]);
  // The second line only rules.
  return lines
    .slice(from + 2, end < 0 ? undefined : end)
    .map((line) => Object.fromEntries(cells(line).map((cell, i) => [headings[i] ?? '', cell])));
}

function cells(line = ''): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.replaceAll('**', '').trim());
}
