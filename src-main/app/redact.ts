import { homedir } from 'node:os';

/** What never belongs into a log or a report that leaves this machine, and what stands there instead. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(hf|api_org)_[A-Za-z0-9]{8,}/g, '$1_…'],
  [/\b(sk|ghp|gho|ghs|github_pat|glpat|xoxb|xoxp)[-_][A-Za-z0-9_-]{8,}/g, '$1-…'],
  [/\b(AKIA|ASIA)[A-Z0-9]{12,}/g, '$1…'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '(a signed token)'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 …'],
  [
    /\b((?:api|access|auth|secret|private)?[-_]?(?:key|token|password|passwd|secret))(["']?\s*[=:]\s*["']?)[^\s"',;&]{4,}/gi,
    '$1$2…',
  ],
  [/\b([a-z]{2,12}:\/\/)[^\s/:@]{1,200}:[^\s/@]{1,200}@/gi, '$1…@'],
  // JSON.parse quotes what it could not read: a row of somebody's data
  [
    /(Unexpected (?:non-whitespace )?(?:token|character|end)[^\n]*?),? (?:\.\.\.)?"[^\n]*"(?:\.\.\.)? is not valid JSON/g,
    '$1 is not valid JSON',
  ],
  [/Unexpected token '[^\n]*?'/g, 'Unexpected token'],
];

/** Secrets blotted out, and the home folder (whose name is often a person's) as `~`. */
export function redact(text: string, home: string = homedir()): string {
  const blotted = secrets.reduce((now, [pattern, instead]) => now.replace(pattern, instead), text);
  return home.length > 1 ? blotted.split(home).join('~') : blotted;
}
