/**
 * Colour means data: chosen, rejected, runs. Everything else is ink on paper. Every pair below is held to 4.5:1 (text)
 * or 3:1 (marks) by a test.
 */
export interface DataPalette {
  readonly paper: string;
  readonly page: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly grid: string;
  readonly chosen: string;
  readonly chosenText: string;
  readonly chosenSoft: string;
  readonly rejected: string;
  readonly rejectedText: string;
  readonly rejectedSoft: string;
  readonly neutral: string;
  readonly neutralSoft: string;
  readonly good: string;
  readonly goodSoft: string;
  readonly warning: string;
  readonly warningSoft: string;
  readonly bad: string;
  readonly badSoft: string;
  readonly runs: readonly string[];
}

export const lightPalette: DataPalette = {
  paper: '#ffffff',
  page: '#f6f7f8',
  ink: '#1c2731',
  muted: '#586470',
  line: '#dde2e7',
  grid: '#e9ecef',
  chosen: '#0072B2',
  chosenText: '#00639b',
  chosenSoft: '#dcebf5',
  rejected: '#D55E00',
  rejectedText: '#a84a00',
  rejectedSoft: '#fbe6d8',
  neutral: '#6b7580',
  neutralSoft: '#eceff2',
  good: '#00694d',
  goodSoft: '#e2f3ed',
  warning: '#7a5300',
  warningSoft: '#fcf0d6',
  bad: '#a32015',
  badSoft: '#fbe5e2',
  // Okabe–Ito without chosen and rejected, darkened where the original is too pale for white paper, and two more: as
  // many as can be compared.
  runs: ['#009E73', '#B0558A', '#A86E00', '#3d4752', '#2E86BF', '#857a00', '#6F52B5', '#8E3B46'],
};

export const darkPalette: DataPalette = {
  paper: '#161b21',
  page: '#0f1317',
  ink: '#e6ebf0',
  muted: '#9aa5b1',
  line: '#2b333c',
  grid: '#242b33',
  chosen: '#4FA8DC',
  chosenText: '#6bb9e6',
  chosenSoft: '#12324a',
  rejected: '#F28A45',
  rejectedText: '#ff9a57',
  rejectedSoft: '#472612',
  neutral: '#9ca7b3', // not quite `muted`: a saved picture turns each colour into its light one
  neutralSoft: '#252c34',
  good: '#4fd1a9',
  goodSoft: '#10322a',
  warning: '#f0b94a',
  warningSoft: '#3a2c0c',
  bad: '#ff8f80',
  badSoft: '#46201b',
  runs: ['#2BC49A', '#D991B8', '#E6A520', '#C9D1DA', '#56B4E9', '#D9CF3A', '#B39DDB', '#E08A93'],
};

/** Dash patterns tell runs apart without colour; the first is solid. */
export const runDashes: readonly string[] = ['', '7 4', '2 3', '10 3 2 3', '14 4', '4 4', '1 5', '10 3 2 3 2 3'];

export interface RunStyle {
  readonly color: string;
  readonly dash: string;
}

const style = (palette: DataPalette, place: number): RunStyle => ({
  color: palette.runs[place % palette.runs.length] ?? palette.ink,
  dash: runDashes[place % runDashes.length] ?? '',
});

/** A run's own colour and dash: they hang on its number, so it looks the same on every page and in every export. */
export const runStyle = (palette: DataPalette, { ordinal }: Numbered): RunStyle =>
  style(palette, Math.max(0, ordinal - 1));

interface Numbered {
  readonly ordinal: number;
}

/**
 * Styles of runs that are seen together, in their order. Runs made after one another differ by themselves; where two
 * far apart would look alike, the older one keeps its own and the younger one takes the next that is free.
 */
export function runStyles(palette: DataPalette, runs: readonly Numbered[]): readonly RunStyle[] {
  const count = palette.runs.length;
  const taken = new Map<Numbered, number>();
  const byAge = runs.toSorted((a, b) => a.ordinal - b.ordinal);
  for (const run of byAge) {
    let place = Math.max(0, run.ordinal - 1) % count;
    const used = new Set(taken.values());
    for (let tries = 0; used.has(place) && tries < count; tries++) place = (place + 1) % count;
    taken.set(run, place);
  }
  return runs.map((run) => style(palette, taken.get(run) ?? 0));
}
