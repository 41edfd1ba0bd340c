/**
 * What a recorded report has and the present one has no more: what whoever uses the package may miss. Names that came along
 * are none of it.
 * @param recorded, present texts of API Extractor's reports.
 * @returns lines, each behind the name of what it belongs to.
 */
export function lostSignatures(recorded: string, present: string): string[] {
  const now = signatures(present);
  return [...signatures(recorded)].filter((line) => !now.has(line));
}

function signatures(report: string): Set<string> {
  const found = new Set<string>();
  let owner = '';
  for (const line of report.split('\n')) {
    const text = line.trim();
    // Imports and comments promise nothing; what stands at the left begins another name.
    if (text === '' || /^(import |\/\/|[`>#]|[)}])/.test(text)) continue;
    if (line.startsWith('export')) owner = nameOf(line);
    found.add(line.startsWith('export') ? text : `${owner}: ${text}`);
  }
  return found;
}

function nameOf(line: string): string {
  return /^export (?:declare )?(?:abstract )?(?:\w+ )?(\w+)/.exec(line)?.[1] ?? line;
}
