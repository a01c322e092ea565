import { Box, Typography, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import type { PairPreview } from '../../../src-main/shared/data/dataset';
import { formatCount, formatTokens } from '../../state/format';
import { monoFamily } from '../../theme/theme';

type Token = PairPreview['tokens'][number];

/** Control characters and spaces made visible where they would be lost. */
const visible = (text: string): string => text.replace(/\n/g, '⏎\n').replace(/\t/g, '⇥');

export function TokenView({ pair, isStale }: { readonly pair: PairPreview; readonly isStale: boolean }): ReactNode {
  const part = (name: Token['part']): readonly Token[] => pair.tokens.filter((token) => token.part === name);
  const counted = (tokens: readonly Token[]): number => tokens.filter((token) => token.kept && !token.cut).length;
  const chosen = part('chosen');
  const rejected = part('rejected');
  const cut = pair.tokens.filter((token) => token.cut).length;
  const delta = pair.chosenTokens - pair.rejectedTokens;
  return (
    <Box sx={{ opacity: isStale ? 0.55 : 1, display: 'flex', flexDirection: 'column', gap: 1.25 }}>
      <Typography variant="body1">
        Row {formatCount(pair.row)}: chosen {formatTokens(pair.chosenTokens)}, rejected{' '}
        {formatTokens(pair.rejectedTokens)}, Δ length {delta > 0 ? '+' : ''}
        {formatCount(delta)}.{' '}
        {counted(chosen) === pair.chosenTokens && counted(rejected) === pair.rejectedTokens
          ? 'Every token counts.'
          : `${formatCount(counted(chosen))} chosen and ${formatCount(counted(rejected))} rejected tokens count.`}
        {cut > 0 && ` ${formatTokens(cut)} ${cut === 1 ? 'is' : 'are'} cut.`}
      </Typography>
      <Key />
      <Part title="Prompt" tokens={part('prompt')} />
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', md: '1fr 1fr' }, gap: 1.5 }}>
        <Part title="Chosen" tokens={chosen} />
        <Part title="Rejected" tokens={rejected} />
      </Box>
    </Box>
  );
}

function Part({ title, tokens }: { readonly title: string; readonly tokens: readonly Token[] }): ReactNode {
  return (
    <Box sx={{ border: '1px solid', borderColor: 'divider', borderRadius: 1, p: 1.25, minWidth: 0 }}>
      <Typography variant="caption" color="textSecondary" sx={{ fontWeight: 650 }}>
        {title} · {formatTokens(tokens.length)}
      </Typography>
      <Box
        sx={{
          fontFamily: monoFamily,
          fontSize: 13,
          lineHeight: 1.9,
          whiteSpace: 'pre-wrap',
          overflowWrap: 'anywhere',
          maxHeight: 420,
          overflow: 'auto',
        }}
        tabIndex={0}
        role="region"
        aria-label={`Tokens of ${title.toLowerCase()}`}
      >
        {tokens.map((token, index) => (
          <TokenMark key={index} token={token} />
        ))}
      </Box>
    </Box>
  );
}

function TokenMark({ token }: { readonly token: Token }): ReactNode {
  const { data } = useTheme();
  const soft =
    token.part === 'chosen' ? data.chosenSoft : token.part === 'rejected' ? data.rejectedSoft : data.neutralSoft;
  const isDropped = !token.kept && !token.cut && token.part !== 'prompt';
  const state = token.cut ? ', cut' : isDropped ? ', dropped by SamPO' : '';
  return (
    <Box
      component="span"
      title={`id ${token.id}${state}`}
      sx={{
        borderRadius: '3px',
        px: '1px',
        mx: '0.5px',
        boxDecorationBreak: 'clone',
        bgcolor: token.cut || isDropped ? 'transparent' : soft,
        ...(isDropped
          ? { outline: '1px dashed', outlineColor: data.muted, outlineOffset: '-1px', color: data.muted }
          : {}),
        ...(token.cut ? { textDecoration: 'line-through', color: data.muted } : {}),
      }}
    >
      {visible(token.text)}
    </Box>
  );
}

function Key(): ReactNode {
  const { data } = useTheme();
  const item = (label: string, sx: Readonly<Record<string, unknown>>): ReactNode => (
    <Box component="span" sx={{ fontSize: 12, px: 0.75, py: '1px', borderRadius: '3px', ...sx }}>
      {label}
    </Box>
  );
  return (
    <Box aria-label="Meaning of the marks" sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
      {item('prompt', { bgcolor: data.neutralSoft })}
      {item('chosen', { bgcolor: data.chosenSoft })}
      {item('rejected', { bgcolor: data.rejectedSoft })}
      {item('dropped by SamPO', {
        outline: '1px dashed',
        outlineColor: data.muted,
        outlineOffset: '-1px',
        color: data.muted,
      })}
      {item('cut', { textDecoration: 'line-through', color: data.muted })}
    </Box>
  );
}
