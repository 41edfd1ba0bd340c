import type { OutputRecord } from './read-output.js';
import { FIGURE_NAMES, FIGURES, type ReportFigures } from './report-figures.js';
import type { JudgedThreshold } from './threshold.js';
import type { WorstFrame } from './worst-frames.js';

/** What is in the head of every report: only such files are replaced. */
export const REPORT_MARK = '<meta name="generator" content="rxdepth report">';

/** One of the outputs that a report is about. */
export interface ReportedOutput {
  readonly name: string;
  readonly model: string;
  readonly record: OutputRecord;
  readonly figures: ReportFigures;
}

export interface ReportContent {
  readonly output: ReportedOutput;
  readonly against?: ReportedOutput;
  readonly truth: string | undefined;
  readonly thresholds: readonly JudgedThreshold[];
  readonly worst: readonly WorstFrame[];
  /** Shares of the picture. */
  readonly classes: readonly { readonly name: string; readonly share: number }[];
}

/** The report as one file that loads nothing from anywhere. */
export function reportHtml(content: ReportContent): string {
  const { output, against, truth, thresholds, worst, classes } = content;
  const outputs = [output, ...(against ? [against] : [])];
  const facts = outputs.map(({ name, model }) => `<p><b>${escaped(name)}</b> ${escaped(model)}</p>`);
  const rows = FIGURE_NAMES.filter((name) =>
    outputs.some(({ figures }) => Number.isFinite(figures[name])),
  ).map((name) => {
    const cells = outputs.map(({ figures }) => `<td>${shown(figures[name])}</td>`).join('');
    const change = against ? `<td>${difference(output.figures[name], against.figures[name])}</td>` : '';
    return `<tr><th scope="row">${name}</th>${cells}${change}<td class="dim">${escaped(FIGURES[name])}</td></tr>`;
  });
  const heads = against ? '<th>this</th><th>against</th><th>change</th>' : '<th>value</th>';
  const line = (title: string, unit: string, of: (record: OutputRecord) => Point[]) =>
    chart(
      title,
      unit,
      outputs.map(({ record }) => of(record)),
    );
  const frames = (value: (frame: OutputRecord['frames'][number]) => number) => (record: OutputRecord) =>
    record.frames.map((frame) => ({ s: secondsOf(record, frame.stampNs), value: value(frame) }));
  const judged = thresholds.map(
    ({ figure, kind, limit, value, met }) =>
      `<li class="${met ? 'met' : 'missed'}">${met ? '&#10003; met' : '&#10007; missed'}: ${figure} ${shown(value)}, ${kind} ${limit}</li>`,
  );
  const notes = outputs.flatMap(({ name, record }) =>
    record.notes.map((note) => `<p>${escaped(name)}: ${escaped(note)}</p>`),
  );
  const problems = outputs.flatMap(({ name, record }) =>
    record.problems.map((problem) => `<li>${escaped(name)}: ${escaped(problem)}</li>`),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${REPORT_MARK}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>rxdepth report: ${escaped(output.name)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Report of a drive</h1>
${facts.join('\n')}
<p class="dim">${truth === undefined ? 'Without truth: errors are unknown.' : `Truth: ${escaped(truth)}`}</p>
${judged.length > 0 ? `<h2>Thresholds</h2><ul class="judged">${judged.join('')}</ul>` : ''}
<h2>Figures</h2>
<div class="wide"><table><thead><tr><th></th>${heads}<th></th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>
${notes.join('\n')}
<h2>Over time</h2>
${against ? '<p class="keys"><svg viewBox="0 0 30 8"><path class="line-0" d="M0 4H30"/></svg> this <svg viewBox="0 0 30 8"><path class="line-1" d="M0 4H30"/></svg> against</p>' : ''}
<div class="charts">
${line(
  'Share of pixels with a depth',
  '%',
  frames(({ coverage }) => 100 * coverage),
)}
${line(
  'Flicker',
  '%',
  frames(({ flicker }) => 100 * flicker),
)}
${line(
  'Share that moves',
  '%',
  frames(({ moving }) => 100 * moving),
)}
${line(
  'Median depth',
  output.record.topics.metric ? 'm' : '',
  frames(({ medianDepth }) => medianDepth),
)}
${line(
  'Metric scale',
  '',
  statuses(({ scale }) => scale),
)}
${line(
  'Agreement of dynamic classes (Lambda)',
  '',
  statuses(({ dc_lambda }) => dc_lambda),
)}
</div>
${classes.length > 0 ? `<h2>Classes</h2><ul class="classes">${classes.map(({ name, share }) => `<li><span style="width:${(100 * share).toFixed(2)}%"></span>${escaped(name)} ${(100 * share).toFixed(1)} %</li>`).join('')}</ul>` : ''}
${worst.length > 0 ? `<h2>Worst frames</h2>${worst.map(({ stampNs, why, dataUri }) => `<figure><img alt="depth and classes of the frame" src="${dataUri}"><figcaption>${stampNs} ns (${secondsOf(output.record, stampNs).toFixed(2)} s): ${escaped(why)}</figcaption></figure>`).join('\n')}` : ''}
${problems.length > 0 ? `<h2>Damage</h2><ul>${problems.join('')}</ul>` : ''}
</body>
</html>
`;
}

interface Point {
  readonly s: number;
  readonly value: number;
}

function statuses(value: (status: OutputRecord['statuses'][number]) => number) {
  return (record: OutputRecord): Point[] =>
    record.statuses.map((status) => {
      const { sec, nanosec } = status.header.stamp;
      return { s: secondsOf(record, BigInt(sec) * 1_000_000_000n + BigInt(nanosec)), value: value(status) };
    });
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [440, 150, 46, 20, 8];

/** Lines over time as SVG: the first is drawn through, the second dashed. */
function chart(title: string, unit: string, lines: readonly (readonly Point[])[]): string {
  const points = lines.flat().filter(({ value }) => Number.isFinite(value));
  if (points.length < 2) return '';
  const lastS = points.reduce((most, { s }) => Math.max(most, s), 0) || 1;
  const least = points.reduce((low, { value }) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const most = points.reduce((high, { value }) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const margin = (most - least) * 0.08 || Math.abs(most) * 0.05 || 1;
  const [low, high] = [least - margin, most + margin];
  const x = (s: number) => LEFT + (s / lastS) * (WIDTH - LEFT - 6);
  const y = (value: number) => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - BOTTOM - TOP);
  const paths = lines.map((line, index) => {
    let isDown = false;
    const steps = line.map(({ s, value }) => {
      const step = Number.isFinite(value)
        ? `${isDown ? 'L' : 'M'}${x(s).toFixed(1)} ${y(value).toFixed(1)}`
        : '';
      isDown = Number.isFinite(value);
      return step;
    });
    return `<path class="line-${index}" d="${steps.join('')}"/>`;
  });
  const ticks = [least, (least + most) / 2, most].map(
    (value) =>
      `<text x="${LEFT - 4}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${shown(value)}</text><path class="grid" d="M${LEFT} ${y(value).toFixed(1)}H${WIDTH}"/>`,
  );
  return `<figure class="chart"><figcaption>${escaped(title)} <span class="dim">${unit}</span></figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">${ticks.join('')}<text x="${LEFT}" y="${HEIGHT - 4}">0 s</text><text x="${WIDTH}" y="${HEIGHT - 4}" text-anchor="end">${lastS.toFixed(1)} s</text>${paths.join('')}</svg></figure>`;
}

function secondsOf({ frames }: OutputRecord, stampNs: bigint): number {
  return Number(stampNs - (frames[0]?.stampNs ?? stampNs)) / 1e9;
}

function shown(value: number): string {
  if (!Number.isFinite(value)) return 'unknown';
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

function difference(value: number, other: number): string {
  const change = value - other;
  if (!Number.isFinite(change)) return '';
  if (change === 0) return 'same';
  const share =
    other === 0 ? '' : ` (${change >= 0 ? '+' : ''}${((100 * change) / Math.abs(other)).toFixed(1)} %)`;
  return `${change >= 0 ? '+' : ''}${shown(change)}${share}`;
}

/** Names come from bags, which strangers write. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;--text:#17212b;--dim:#55677a;--back:#fff;--edge:#c9d3dd;--a:#0b5cad;--b:#b35900}
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--dim:#9fb0c0;--back:#10171e;--edge:#2c3a48;--a:#6cb6ff;--b:#ffb454}}
body{max-width:1100px;margin:0 auto;padding:16px;font:15px/1.45 system-ui,sans-serif;color:var(--text);background:var(--back)}
h2{margin:28px 0 8px;font-size:19px}
.dim{color:var(--dim)}
.wide{overflow-x:auto}
table{border-collapse:collapse}
td:not(.dim){white-space:nowrap}
td.dim{min-width:16em}
.keys svg{width:30px;height:8px;margin-left:12px}
th,td{padding:3px 10px;text-align:left;border-bottom:1px solid var(--edge);font-variant-numeric:tabular-nums}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:12px}
figure{margin:0 0 14px}
img{max-width:100%;height:auto}
svg{width:100%;font-size:11px;fill:var(--dim)}
path{fill:none;stroke-width:1.6}
.grid{stroke:var(--edge);stroke-width:1}
.line-0{stroke:var(--a)}
.line-1{stroke:var(--b);stroke-dasharray:5 3}
.judged{padding:0;list-style:none}
.missed{color:var(--b);font-weight:600}
.classes{padding:0;list-style:none}
.classes span{display:inline-block;height:10px;margin-right:8px;background:var(--a);vertical-align:0}
`;
