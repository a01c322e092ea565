// Preference rows for the benchmarks, as message lists that the app and TRL read alike.
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

/**
 * A JSON list or one row a line, gzipped or not: prompt/chosen/rejected strings, ShareGPT, or HH transcripts. Very long
 * prompts, which either would drop, are left out.
 */
export async function readRows(file) {
  const bytes = await readFile(file);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
  const rows = text.trimStart().startsWith('[')
    ? JSON.parse(text)
    : text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
  const read = 'prompt' in rows[0] ? fromStrings : 'conversations' in rows[0] ? fromShareGpt : fromTranscripts;
  return rows.flatMap(read).filter(({ prompt }) => prompt.reduce((n, m) => n + m.content.length, 0) < 1200);
}

const answer = (content) => [{ role: 'assistant', content }];

const fromStrings = ({ prompt, chosen, rejected }) => [
  { prompt: [{ role: 'user', content: prompt }], chosen: answer(chosen), rejected: answer(rejected) },
];

function fromShareGpt({ conversations, system, chosen, rejected }) {
  const role = { human: 'user', gpt: 'assistant', system: 'system' };
  const turns = (list) => list.map(({ from, value }) => ({ role: role[from], content: value }));
  return [
    {
      prompt: [...(system ? [{ role: 'system', content: system }] : []), ...turns(conversations)],
      chosen: turns([chosen]),
      rejected: turns([rejected]),
    },
  ];
}

/**
 * "\n\nHuman: …\n\nAssistant: …": all but the last turn has to be the same on both sides, and neither last turn empty.
 */
function fromTranscripts({ chosen, rejected }) {
  const [a, b] = [chosen, rejected].map((text) =>
    text
      .split(/\n\n(?=Human: |Assistant: )/)
      .filter((turn) => turn.trim() !== '')
      .map((turn) => ({
        role: turn.startsWith('Human: ') ? 'user' : 'assistant',
        content: turn.replace(/^\w+: /, '').trim(),
      })),
  );
  const [mine, other] = [a.pop(), b.pop()];
  return JSON.stringify(a) === JSON.stringify(b) &&
    mine?.role === 'assistant' &&
    other?.role === 'assistant' &&
    mine.content &&
    other.content
    ? [{ prompt: a, chosen: [mine], rejected: [other] }]
    : [];
}

/** `count` rows at even distances in the order of length, then in an order that mixes lengths and never changes. */
export function spread(rows, count) {
  const length = (row) => JSON.stringify(row).length;
  const sorted = [...rows].sort((a, b) => length(a) - length(b));
  const picked = Array.from(
    { length: Math.min(count, sorted.length) },
    (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / Math.min(count, sorted.length))],
  );
  let seed = 1;
  const key = picked.map(() => (seed = (seed * 48271) % 2147483647));
  return picked
    .map((row, i) => [key[i], row])
    .sort((a, b) => a[0] - b[0])
    .map(([, row]) => row);
}
