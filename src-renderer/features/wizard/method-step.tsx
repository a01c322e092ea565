import type { ReactNode } from 'react';
import { methodById, methodCatalogue, type MethodEntry } from '../../../src-main/shared/catalogue/method-catalogue';
import { useAppState, useReload } from '../../api/app-store';
import { Panel } from '../../components/panel';
import { Loaded } from '../../components/waiting';
import type { DraftProblem } from '../../state/wizard-problems';
import { useWizardDraft } from './draft-provider';
import { MethodParameters } from './method-parameters';
import { MethodPicker } from './method-picker';
import { TwinPanel } from './twin-panel';

export function MethodStep({ problems }: { readonly problems: readonly DraftProblem[] }): ReactNode {
  const { methods } = useAppState();
  const reload = useReload();
  return (
    <Loaded data={methods} onRetry={() => reload('methods')}>
      {(list) => {
        // Main lists what it can train; a method that this form's schema does not know cannot be asked for.
        const known = list.filter((method) => methodById(method.id) !== undefined);
        return <Methods methods={known.length > 0 ? known : methodCatalogue} problems={problems} />;
      }}
    </Loaded>
  );
}

function Methods({
  methods,
  problems,
}: {
  readonly methods: readonly MethodEntry[];
  readonly problems: readonly DraftProblem[];
}): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  const chosen = methods.find((method) => method.id === draft.spec.method.id);
  return (
    <>
      <Panel title="How should it learn?">
        <MethodPicker
          methods={methods}
          chosenId={draft.spec.method.id}
          onChoose={(id) => dispatch({ kind: 'method', id })}
        />
      </Panel>
      {chosen !== undefined && chosen.parameters.length > 0 && (
        <MethodParameters key={chosen.id} method={chosen} problems={problems} />
      )}
      <TwinPanel methods={methods} />
    </>
  );
}
