import { createContext, useContext, useEffect, useMemo, useReducer, type Dispatch, type ReactNode } from 'react';
import { emptyDraft, parseDraft, reduceWizard, type WizardAction, type WizardDraft } from '../../state/wizard-draft';

const storageKey = 'sampo-wizard-draft';

interface DraftStore {
  readonly draft: WizardDraft;
  readonly dispatch: Dispatch<WizardAction>;
}

const DraftContext = createContext<DraftStore>({ draft: emptyDraft, dispatch: () => undefined });

export const useWizardDraft = (): DraftStore => useContext(DraftContext);

/** The draft outlives the page that edits it, and a reload of the window. */
export function WizardDraftProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [draft, dispatch] = useReducer(reduceWizard, null, () => parseDraft(readStorage()));
  useEffect(() => {
    try {
      sessionStorage.setItem(storageKey, JSON.stringify(draft));
    } catch {
      // Storage may be off (private profiles); the draft then lives as long as the page.
    }
  }, [draft]);
  const store = useMemo(() => ({ draft, dispatch }), [draft]);
  return <DraftContext.Provider value={store}>{children}</DraftContext.Provider>;
}

function readStorage(): string | null {
  try {
    return sessionStorage.getItem(storageKey);
  } catch {
    return null;
  }
}
