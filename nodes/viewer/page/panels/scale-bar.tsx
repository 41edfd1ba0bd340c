export interface ScaleBarProps {
  /** A colour of CSS for a place, 0 (left) to 1. */
  readonly colorAt: (place: number) => string;
  readonly ticks: readonly { readonly place: number; readonly text: string }[];
  /** Where the cursor's value lies; undefined where there is none. */
  readonly marker: number | undefined;
}

const STEPS = 48;
const EDGE = 0.02;

/** What the colours of a panel mean, and where the value under the cursor lies among them. */
export function ScaleBar({ colorAt, ticks, marker }: ScaleBarProps) {
  const stops = Array.from({ length: STEPS + 1 }, (_, step) => {
    const place = step / STEPS;
    return `${colorAt(place)} ${place * 100}%`;
  });
  return (
    <div class="scale" aria-hidden="true">
      <div class="bar" style={{ background: `linear-gradient(to right, ${stops.join(', ')})` }}>
        {marker !== undefined && <i class="marker" style={{ left: `${marker * 100}%` }} />}
      </div>
      <div class="ticks">
        {ticks.map(({ place, text }) => (
          <span
            key={text}
            class={place < EDGE ? 'first' : place > 1 - EDGE ? 'last' : ''}
            style={{ left: `${place * 100}%` }}
          >
            {text}
          </span>
        ))}
      </div>
    </div>
  );
}
