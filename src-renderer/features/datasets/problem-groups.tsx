import ExpandMore from '@mui/icons-material/ExpandMore';
import { Accordion, AccordionDetails, AccordionSummary, Box, Button, Paper, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { ProblemGroup, RowProblem, RowProblemCode, RowWarningCode } from '../../../src-main/shared/data/dataset';
import { reasonNames, rowList } from '../../state/dataset-words';
import { formatCount, plural } from '../../state/format';
import { testIds } from '../../test-ids';

const firstShown = 20;
const moreShown = 200;

type Group = ProblemGroup<RowProblemCode | RowWarningCode>;

export interface ProblemGroupsProps {
  readonly groups: readonly Group[];
  /** Single rows, where they are known; of each reason the first thousand. */
  readonly problems?: readonly RowProblem[];
}

/** Rows by reason, each with its count; a reason opens to its rows. */
export function ProblemGroups({ groups, problems = [] }: ProblemGroupsProps): ReactNode {
  return (
    <Paper variant="outlined" data-testid={testIds.importProblems} sx={{ overflow: 'hidden' }}>
      {groups.map((group) => {
        const own = problems.filter(({ code, field }) => code === group.code && field === group.field);
        return <Reason key={`${group.code} ${group.field}`} group={group} problems={own} />;
      })}
    </Paper>
  );
}

const edges = {
  border: 0,
  borderBottom: '1px solid',
  borderColor: 'divider',
  '&:last-of-type': { borderBottom: 0 },
} as const;

function Reason({ group, problems }: { readonly group: Group; readonly problems: readonly RowProblem[] }): ReactNode {
  const field = group.field === '' ? '' : `, field “${group.field}”`;
  return (
    <Accordion
      variant="outlined"
      slotProps={{ heading: { component: 'h4' }, transition: { unmountOnExit: true } }}
      sx={edges}
    >
      <AccordionSummary expandIcon={<ExpandMore />}>
        <Box sx={{ width: '100%', minWidth: 0 }}>
          <Typography variant="body2" sx={{ fontWeight: 600 }}>
            {reasonNames[group.code]}
            {field}
          </Typography>
          <Typography variant="body2" color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
            {plural(group.count, 'row')}: {rowList(group.rows, group.count, 8)}
          </Typography>
        </Box>
      </AccordionSummary>
      <AccordionDetails sx={{ maxHeight: 300, overflow: 'auto', pt: 0 }}>
        {problems.length > 0 ? (
          <Rows problems={problems} count={group.count} />
        ) : (
          <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
            <b>Row {group.rows[0]}</b>: {group.message}
          </Typography>
        )}
      </AccordionDetails>
    </Accordion>
  );
}

function Rows({ problems, count }: { readonly problems: readonly RowProblem[]; readonly count: number }): ReactNode {
  const [shown, setShown] = useState(firstShown);
  return (
    <>
      {problems.slice(0, shown).map(({ row, field, message }) => (
        <Typography key={`${row} ${field}`} variant="body2" sx={{ py: 0.25, overflowWrap: 'anywhere' }}>
          <b>Row {row}</b>: {message}
        </Typography>
      ))}
      {problems.length > shown && (
        <Button size="small" onClick={() => setShown(shown + moreShown)}>
          Show more rows
        </Button>
      )}
      {problems.length <= shown && count > problems.length && (
        <Typography variant="body2" color="textSecondary">
          {formatCount(count - problems.length)} more rows are not listed.
        </Typography>
      )}
    </>
  );
}
