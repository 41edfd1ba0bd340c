/**
 * 256 sRGB colours, [256, 3], from dark violet over magenta and orange to pale yellow.
 *
 * Perceptually ordered: the OKLab lightness rises linearly from 0.2 to 0.97, so that the order survives in grey. The hue
 * turns by 185 degrees and the chroma follows an arch, cut where sRGB ends. Source: OKLab to linear sRGB after B. Ottosson,
 * "A perceptual color space for image processing" (2020).
 */
export const DEPTH_COLORS: Uint8Array = depthColors();

function depthColors(): Uint8Array {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const t = i / 255;
    const lightness = 0.2 + 0.77 * t;
    const hue = ((285 + 185 * t ** 1.1) * Math.PI) / 180;
    let chroma = 0.05 + 0.17 * Math.sin(Math.PI * Math.min(1, t * 0.95 + 0.04));
    let rgb = okLabToLinear(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue));
    while (chroma > 0 && rgb.some((value) => value < 0 || value > 1)) {
      chroma -= 0.002;
      rgb = okLabToLinear(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue));
    }
    rgb.forEach((value, channel) => {
      table[i * 3 + channel] = Math.round(255 * companded(Math.min(1, Math.max(0, value))));
    });
  }
  return table;
}

function okLabToLinear(lightness: number, a: number, b: number): number[] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** The sRGB transfer curve (IEC 61966-2-1), 0..1 to 0..1. */
function companded(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}
