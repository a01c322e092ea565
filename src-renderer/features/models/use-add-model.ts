import { useCallback, useState } from 'react';
import type { AppError } from '../../../src-main/shared/result';
import type { ModelView } from '../../../src-main/shared/views/library';
import { useReload } from '../../api/app-store';
import { useAction } from '../../api/use-action';

export interface AddModel {
  readonly pick: (kind: 'model-folder' | 'model-file') => Promise<ModelView | null>;
  readonly isBusy: boolean;
  readonly error: AppError | null;
  readonly added: ModelView | null;
  readonly clear: () => void;
}

/** Dialog of main, then a look into the files; `null`: cancelled or refused. */
export function useAddModel(): AddModel {
  const choose = useAction('files:pick');
  const add = useAction('models:add');
  const reload = useReload();
  const [added, setAdded] = useState<ModelView | null>(null);
  const { run: runChoose } = choose;
  const { run: runAdd, clearError } = add;
  const pick = useCallback(
    async (kind: 'model-folder' | 'model-file') => {
      setAdded(null);
      clearError();
      const picked = await runChoose({ kind });
      if (picked === undefined || picked === null) return null;
      const model = await runAdd({ token: picked.token });
      if (model === undefined) return null;
      setAdded(model);
      reload('models');
      return model;
    },
    [runChoose, runAdd, clearError, reload],
  );
  return {
    pick,
    isBusy: add.isBusy,
    error: add.error ?? choose.error,
    added,
    clear: useCallback(() => setAdded(null), []),
  };
}
