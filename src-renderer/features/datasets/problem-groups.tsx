import ExpandMore from '@mui/icons-material/ExpandMore';
import { Accordion, AccordionDetails, AccordionSummary, Box, Button, Paper, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { RowProblem } from '../../../src-main/shared/dataset';
import { groupProblems, rowList, type ProblemGroup } from '../../state/dataset-words';
import { plural } from '../../state/format';
import { testIds } from '../../test-ids';

const firstShown = 20;
const moreShown = 200;

export function ProblemGroups({ problems }: { readonly problems: readonly RowProblem[] }): ReactNode {
  return (
    <Paper variant="outlined" data-testid={testIds.importProblems} sx={{ overflow: 'hidden' }}>
      {groupProblems(problems).map((group) => <Group key={group.code} group={group} />)}
    </Paper>
  );
}

function Group({ group }: { readonly group: ProblemGroup }): ReactNode {
  const [shown, setShown] = useState(firstShown);
  return (
    <Accordion variant="outlined" slotProps={{ heading: { component: 'h4' } }} sx={{ border: 0, borderBottom: '1px solid', borderColor: 'divider', '&:last-of-type': { borderBottom: 0 } }}>
      <AccordionSummary expandIcon={<ExpandMore />}>
        <Box sx={{ display: 'flex', gap: 2, width: '100%', minWidth: 0, alignItems: 'baseline' }}>
          <Typography variant="body2" sx={{ fontWeight: 600, flex: 'none' }}>{group.title}</Typography>
          <Typography variant="body2" color="textSecondary" noWrap sx={{ flex: 1 }}>{plural(group.problems.length, 'row')}: {rowList(group.problems.map((p) => p.row), 8)}</Typography>
        </Box>
      </AccordionSummary>
      <AccordionDetails sx={{ maxHeight: 300, overflow: 'auto', pt: 0 }}>
        {group.problems.slice(0, shown).map((problem) => (
          <Typography key={`${problem.row}${problem.field}`} variant="body2" sx={{ py: 0.25, overflowWrap: 'anywhere' }}>
            <b>Row {problem.row}</b>{problem.field === '' ? '' : `, field “${problem.field}”`}: {problem.message}
          </Typography>
        ))}
        {group.problems.length > shown && <Button size="small" onClick={() => setShown(shown + moreShown)}>Show more rows</Button>}
      </AccordionDetails>
    </Accordion>
  );
}
