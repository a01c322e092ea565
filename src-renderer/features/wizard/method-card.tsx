import { Box, Button, Typography, useTheme } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { MethodEntry } from '../../../src-main/shared/catalogue/method-catalogue';
import { testIds } from '../../test-ids';
import { monoFamily } from '../../theme/theme';
import { ChoiceCard } from './choice-card';

export function MethodCard({
  method,
  isChosen,
  onChoose,
}: {
  readonly method: MethodEntry;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <ChoiceCard
      isChosen={isChosen}
      onChoose={onChoose}
      testId={testIds.methodCard(method.id)}
      label={`${method.name}: ${method.summary}`}
      below={
        <Box sx={{ pl: '40px', pr: '14px', pb: 0.75, mt: isOpen ? 0 : -1 }}>
          {isOpen && (
            <Box sx={{ bgcolor: 'background.default', borderRadius: 1, p: 1.25, mt: 0.5, mb: 0.5 }}>
              <Typography sx={{ fontFamily: monoFamily, fontSize: 12.5, overflowWrap: 'anywhere' }}>
                {method.formula}
              </Typography>
              <Typography variant="caption" color="textSecondary" sx={{ display: 'block', mt: 0.5 }}>
                {method.paper}. p and r: log-probs of policy and reference, a and b: their summed ratios for chosen and
                rejected, T: tokens.
              </Typography>
            </Box>
          )}
          <Button
            size="small"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
            sx={{ px: 0.5, py: 0.25, ml: -0.5, fontSize: 12 }}
          >
            {isOpen ? 'Hide formula' : 'Formula and paper'}
          </Button>
        </Box>
      }
    >
      <Box sx={{ display: 'flex', alignItems: 'baseline', gap: 1, flexWrap: 'wrap' }}>
        <Typography variant="body1" sx={{ fontWeight: 650, flex: 1 }}>
          {method.name}
        </Typography>
        <FollowsLength value={method.followsLength} />
      </Box>
      <Typography variant="body2" sx={{ mt: 0.5 }}>
        {method.summary}
      </Typography>
      <Typography variant="body2" color="textSecondary" sx={{ mt: 0.5 }}>
        {method.whenToUse}
      </Typography>
    </ChoiceCard>
  );
}

function FollowsLength({ value }: { readonly value: MethodEntry['followsLength'] }): ReactNode {
  const { data } = useTheme();
  const [color, soft, bars] =
    value === 'strongly'
      ? [data.warning, data.warningSoft, 3]
      : value === 'weakly'
        ? [data.muted, data.neutralSoft, 2]
        : [data.good, data.goodSoft, 1];
  return (
    <Box
      component="span"
      sx={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 0.75,
        bgcolor: soft,
        color,
        borderRadius: 10,
        px: 1,
        py: '1px',
        fontSize: 12,
        fontWeight: 600,
      }}
    >
      <svg width="14" height="10" aria-hidden="true">
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            x={bar * 5}
            y={7 - bar * 3}
            width="3.5"
            height={3 + bar * 3}
            fill={color}
            fillOpacity={bar < bars ? 1 : 0.25}
          />
        ))}
      </svg>
      follows length: {value}
    </Box>
  );
}
