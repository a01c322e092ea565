import { useRef, useState } from 'react';
import type { ModelId } from '../../../src-main/shared/ids';
import type { AppError } from '../../../src-main/shared/result';
import type { DatasetView } from '../../../src-main/shared/views/library';
import { useApi } from '../../api/api-context';
import { settle } from '../../api/use-request';
import { formatCount, plural } from '../../state/format';
import { byLength, jumpTarget, scanRow, type Jump, type ScannedRow } from '../../state/pair-index';

const scanLimit = 2000;
const pageSize = 200;
const candidates = 50;

/** Leads to pairs worth a look. Reads the first 2,000 pairs once; says so when there are more. */
export function useJumps(
  dataset: DatasetView,
  modelId: ModelId | null,
  maxLength: number,
  show: (index: number) => void,
): {
  readonly to: (jump: Jump) => Promise<void>;
  readonly isBusy: boolean;
  readonly note: string | null;
  readonly error: AppError | null;
} {
  const api = useApi();
  const scanned = useRef<{ readonly id: string; readonly rows: readonly ScannedRow[] } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [note, setNote] = useState<string | null>(null);
  const [error, setError] = useState<AppError | null>(null);

  const scan = async (): Promise<readonly ScannedRow[] | null> => {
    if (scanned.current?.id === dataset.id) return scanned.current.rows;
    const rows: ScannedRow[] = [];
    while (rows.length < Math.min(scanLimit, dataset.inspection.usable)) {
      const offset = rows.length;
      const answer = await settle(
        api.request('datasets:rows', { id: dataset.id, offset, limit: pageSize, search: '' }),
      );
      if (!answer.ok) {
        setError(answer.error);
        return null;
      }
      if (answer.value.rows.length === 0) break;
      answer.value.rows.forEach((row, i) => rows.push(scanRow(offset + i, row)));
    }
    scanned.current = { id: dataset.id, rows };
    return rows;
  };

  const firstCut = async (rows: readonly ScannedRow[]): Promise<ScannedRow | null> => {
    if (modelId === null) return null;
    const likely = byLength(rows).slice(0, candidates);
    const answer = await settle(
      api.request('datasets:preview', {
        id: dataset.id,
        modelId,
        maxLength,
        rows: likely.map((r) => r.row),
        sampling: 'none',
      }),
    );
    if (!answer.ok) {
      setError(answer.error);
      return null;
    }
    const cut = answer.value.find((pair) => pair.tokens.some((token) => token.cut));
    if (cut === undefined)
      setNote(`None of the ${plural(likely.length, 'longest pair')} is cut at ${formatCount(maxLength)} tokens.`);
    return likely.find((r) => r.row === cut?.row) ?? null;
  };

  const to = async (jump: Jump): Promise<void> => {
    setBusy(true);
    setError(null);
    setNote(null);
    const rows = await scan();
    if (rows !== null) {
      const target = jump === 'cut' ? await firstCut(rows) : jumpTarget(rows, jump);
      if (target !== null) {
        show(target.index);
        if (dataset.inspection.usable > rows.length)
          setNote(`Found among the first ${formatCount(rows.length)} of ${plural(dataset.inspection.usable, 'pair')}.`);
      }
    }
    setBusy(false);
  };
  return { to, isBusy, note, error };
}
