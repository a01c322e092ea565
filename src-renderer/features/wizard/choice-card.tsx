import { Box, ButtonBase } from '@mui/material';
import type { KeyboardEvent, ReactNode } from 'react';

export interface ChoiceCardProps {
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly testId: string;
  readonly label: string;
  readonly children: ReactNode;
  readonly below?: ReactNode;
  readonly isDisabled?: boolean;
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Arrow keys move through the cards of a group, as radio buttons do. */
function onArrow(event: KeyboardEvent<HTMLElement>): void {
  const step = steps[event.key];
  const radios = [
    ...(event.currentTarget
      .closest('[role=radiogroup]')
      ?.querySelectorAll<HTMLElement>('[role=radio]:not(:disabled)') ?? []),
  ];
  const next =
    step === undefined
      ? undefined
      : radios[(radios.indexOf(event.currentTarget) + step + radios.length) % radios.length];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.click();
}

/** One of several, as a card: the whole card is the radio button, what stands below it is not. */
export function ChoiceCard({
  isChosen,
  onChoose,
  testId,
  label,
  children,
  below,
  isDisabled = false,
}: ChoiceCardProps): ReactNode {
  return (
    <Box
      sx={{
        border: '1.5px solid',
        borderColor: isChosen ? 'primary.main' : 'divider',
        borderRadius: 2,
        bgcolor: 'background.paper',
        overflow: 'hidden',
        display: 'flex',
        flexDirection: 'column',
        minWidth: 0,
      }}
    >
      <ButtonBase
        role="radio"
        aria-checked={isChosen}
        aria-label={label}
        disabled={isDisabled}
        onClick={onChoose}
        onKeyDown={onArrow}
        data-testid={testId}
        sx={{
          display: 'flex',
          alignItems: 'flex-start',
          justifyContent: 'flex-start',
          textAlign: 'left',
          gap: 1.25,
          p: '12px 14px',
          width: '100%',
          flex: 1,
          opacity: isDisabled ? 0.62 : 1,
          '&:hover': { bgcolor: (theme) => theme.data.neutralSoft },
        }}
      >
        <Box
          aria-hidden="true"
          sx={{
            mt: '3px',
            width: 16,
            height: 16,
            flex: 'none',
            borderRadius: '50%',
            border: '1.5px solid',
            borderColor: isChosen ? 'primary.main' : 'text.secondary',
            display: 'grid',
            placeItems: 'center',
          }}
        >
          {isChosen && <Box sx={{ width: 8, height: 8, borderRadius: '50%', bgcolor: 'primary.main' }} />}
        </Box>
        <Box sx={{ flex: 1, minWidth: 0 }}>{children}</Box>
      </ButtonBase>
      {below}
    </Box>
  );
}
