/**
 * Numbers as people read them: grouped thousands, two or three significant digits, a unit. Exact values go into
 * `title`.
 */
const narrow = '\u202f'; // narrow no-break space
const minus = '−';
export const none = '–';

const signOf = (value: number, text: string): string => (value < 0 && /[1-9]/.test(text) ? minus : '');

const group = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, narrow);

export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  const text = group(Math.abs(Math.round(value)).toString());
  return signOf(value, text) + text;
}

/** Three significant digits; plain notation between 0.001 and a million, otherwise powers of ten. */
export function formatNumber(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return none;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${minus}∞`;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return formatPower(value, digits);
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  const fixed = size.toFixed(Math.min(decimals, 6));
  const [whole = '0', part] = fixed.split('.');
  const text = part === undefined ? group(whole) : `${group(whole)}.${part}`;
  return signOf(value, text) + text;
}

/** A sentence of main’s as the page shows it: no number is torn from its sign by the end of a line. */
export const unbroken = (sentence: string): string => sentence.replace(/(\d) %/g, `$1${narrow}%`);

/** A setting or a median: the same without zeros that nobody measured (0.1, 52, 1e-5). */
export function formatShort(value: number | null | undefined, digits = 6): string {
  const text = formatNumber(value, digits);
  return text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text;
}

/** 4 × 10⁻⁷ is how papers write it, 4e-7 is how people type it; fields and charts show the latter. */
function formatPower(value: number, digits: number): string {
  const [mantissa = '0', exponent = '0'] = Math.abs(value)
    .toExponential(digits - 1)
    .split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return `${value < 0 ? minus : ''}${short}e${exponent.replace('+', '')}`;
}

export const formatSigned = (value: number | null, digits = 2): string =>
  value === null ? none : `${value > 0 ? '+' : ''}${formatNumber(value, digits)}`;

export function formatPercent(share: number | null | undefined, digits = 0): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return none;
  const text = (Math.abs(share) * 100).toFixed(digits);
  return `${signOf(share, text)}${text}${narrow}%`;
}

/** A correlation has two decimals and its sign. */
export const formatCorrelation = (r: number | null | undefined): string => {
  if (r === null || r === undefined || !Number.isFinite(r)) return none;
  const text = Math.abs(r).toFixed(2);
  return signOf(r, text) + text;
};

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return none;
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  const text =
    unit === 0 || value >= 100 ? Math.round(value).toString() : value >= 10 ? value.toFixed(0) : value.toFixed(1);
  return `${bytes < 0 ? minus : ''}${text} ${byteUnits[unit]}`;
}

/** 381 600 → 382 k, 135 M, 8.03 B. */
export function formatParameters(count: number): string {
  if (count < 1000) return formatCount(count);
  const [value, unit] = count < 1e6 ? [count / 1e3, 'k'] : count < 1e9 ? [count / 1e6, 'M'] : [count / 1e9, 'B'];
  const text =
    value >= 100
      ? value.toFixed(0)
      : value >= 10
        ? value.toFixed(1).replace(/\.0$/, '')
        : value.toFixed(2).replace(/\.?0+$/, '');
  return `${text}${narrow}${unit}`;
}

export const formatTokens = (tokens: number | null | undefined): string => {
  if (tokens === null || tokens === undefined) return none;
  return (
    `${tokens % 1 !== 0 && tokens < 100 ? tokens.toFixed(1) : formatCount(tokens)} ` +
    `${Math.abs(tokens) === 1 ? 'token' : 'tokens'}`
  );
};

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms) || ms < 0) return none;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10 && seconds % 60 !== 0) return `${minutes} min ${seconds % 60} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days`;
}

/** "just now", "12 min ago", "3 h ago", "5 days ago", then a date. */
export function formatAgo(then: number, now: number): string {
  const seconds = Math.max(0, (now - then) / 1000);
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  const days = Math.round(seconds / 86_400);
  return days < 8 ? (days <= 1 ? 'yesterday' : `${days} days ago`) : (formatDate(then).split(',')[0] ?? '');
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export function formatDate(ms: number): string {
  const date = new Date(ms);
  const two = (n: number): string => n.toString().padStart(2, '0');
  return (
    `${date.getDate()} ${months[date.getMonth()] ?? ''} ${date.getFullYear()}, ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`
  );
}

export const formatPace = (pairsPerSecond: number | null | undefined): string =>
  pairsPerSecond === null || pairsPerSecond === undefined ? none : `${formatNumber(pairsPerSecond, 2)} pairs/s`;
