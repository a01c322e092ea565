import { Box, Button, Chip, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { MethodEntry, MethodParameter } from '../../../src-main/shared/catalogue/method-catalogue';
import { Panel } from '../../components/panel';
import { useFold } from '../../components/use-fold';
import { VerdictLine } from '../../components/verdict-line';
import { lengthEffect } from '../../state/method-words';
import { effectiveMethod, effectiveParameters, readParameter } from '../../state/spec-effect';
import { problemAt, type DraftProblem } from '../../state/wizard-problems';
import { testIds } from '../../test-ids';
import { monoFamily } from '../../theme/theme';
import { useWizardDraft } from './draft-provider';
import { MethodPresets } from './method-presets';
import { ParameterControl } from './parameter-control';

/** Decided under Training, where the adapter says what is possible. */
const isOfReference = ({ name }: MethodParameter): boolean => name.startsWith('reference');

export function MethodParameters({
  method,
  problems,
}: {
  readonly method: MethodEntry;
  readonly problems: readonly DraftProblem[];
}): ReactNode {
  const { draft } = useWizardDraft();
  const shown = effectiveParameters(draft.spec).filter((parameter) => !isOfReference(parameter));
  const group = (name: MethodParameter['group']): readonly MethodParameter[] =>
    shown.filter((parameter) => parameter.group === name);
  const effect = lengthEffect(method, effectiveMethod(draft.spec));
  return (
    <>
      <Panel title={`Parameters of ${method.name}`} help={method.paper}>
        <Typography
          sx={{
            fontFamily: monoFamily,
            fontSize: 12.5,
            overflowWrap: 'anywhere',
            bgcolor: 'background.default',
            borderRadius: 1,
            p: 1.25,
            mb: 1.5,
          }}
        >
          {method.formula}
        </Typography>
        {method.presets.length > 0 && <MethodPresets method={method} />}
        <Controls parameters={group('own')} problems={problems} />
      </Panel>
      {effect !== null && (
        <Panel title="Length" help="Which tokens of the longer response count." testId={testIds.methodLength}>
          <Controls parameters={group('length')} problems={problems} />
          <Box sx={{ mt: 1.5 }}>
            <VerdictLine text={effect.text} level={effect.level} />
          </Box>
        </Panel>
      )}
      {group('further').length > 0 && <Further parameters={group('further')} problems={problems} />}
    </>
  );
}

/** What few runs need. */
function Further({
  parameters,
  problems,
}: {
  readonly parameters: readonly MethodParameter[];
  readonly problems: readonly DraftProblem[];
}): ReactNode {
  const { draft } = useWizardDraft();
  const changed = parameters.filter(
    ({ name, default: byDefault }) =>
      JSON.stringify(readParameter(draft.spec.method, name)) !== JSON.stringify(byDefault),
  );
  const [isUnfolded, toggle] = useFold(
    changed.length > 0,
    parameters.some(({ name }) => problemAt(problems, `method.${name}`) !== null),
  );
  return (
    <Panel
      title={
        <>
          Further{' '}
          {!isUnfolded && changed.length > 0 && (
            <Chip size="small" label={`${changed.length} changed`} sx={{ ml: 1 }} />
          )}
        </>
      }
      help={isUnfolded ? undefined : parameters.map(({ label }) => label).join(' · ')}
      actions={
        <Button size="small" aria-expanded={isUnfolded} onClick={toggle} data-testid={testIds.methodFurther}>
          {isUnfolded ? 'Less' : 'More'}
        </Button>
      }
    >
      {isUnfolded && <Controls parameters={parameters} problems={problems} />}
    </Panel>
  );
}

/** What takes a whole row stands last, so that no gap is left beside its neighbours. */
const rowsLast = (parameters: readonly MethodParameter[]): readonly MethodParameter[] => {
  const isRow = (parameter: MethodParameter): boolean => 'terms' in parameter.range;
  return [...parameters.filter((parameter) => !isRow(parameter)), ...parameters.filter(isRow)];
};

function Controls({
  parameters,
  problems,
}: {
  readonly parameters: readonly MethodParameter[];
  readonly problems: readonly DraftProblem[];
}): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  return (
    <Box
      sx={{
        display: 'grid',
        columnGap: 2,
        rowGap: 2.25,
        gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 210px), 1fr))',
        pt: 0.75,
        alignItems: 'start',
      }}
    >
      {rowsLast(parameters).map((parameter) => {
        const path = `method.${parameter.name}`;
        return (
          <ParameterControl
            key={parameter.name}
            parameter={parameter}
            methodId={draft.spec.method.id}
            value={readParameter(draft.spec.method, parameter.name)}
            problems={problems}
            onChange={(value) => dispatch({ kind: 'field', path, value })}
          />
        );
      })}
    </Box>
  );
}
