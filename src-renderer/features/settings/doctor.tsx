import { Alert, Box, Button, LinearProgress, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { DoctorReport } from '../../../src-main/shared/views/app';
import { useAction } from '../../api/use-action';
import { ErrorPanel } from '../../components/error-panel';
import { Facts } from '../../components/key-value';
import { formatCount, formatNumber } from '../../state/format';
import { testIds } from '../../test-ids';

const engineNames: Readonly<Record<string, string>> = {
  tensorflow: 'TensorFlow',
  wasm: 'WebAssembly',
  cpu: 'JavaScript',
};

/** Measured on request only: it takes the processor for some seconds. */
export function Doctor(): ReactNode {
  const doctor = useAction('app:doctor');
  const [report, setReport] = useState<DoctorReport | null>(null);
  const measure = async (): Promise<void> => {
    const result = await doctor.run(undefined);
    if (result !== undefined) setReport(result);
  };
  return (
    <Box sx={{ display: 'grid', gap: 1.5, justifyItems: 'start' }}>
      <Button
        variant="outlined"
        size="small"
        disabled={doctor.isBusy}
        onClick={() => void measure()}
        data-testid={testIds.settingsDoctor}
      >
        {report === null ? 'Measure this machine' : 'Measure again'}
      </Button>
      {doctor.isBusy && (
        <Box sx={{ width: '100%' }}>
          <Typography variant="body2" color="textSecondary" sx={{ mb: 0.5 }}>
            Multiplying matrices, a few seconds
          </Typography>
          <LinearProgress aria-label="Measuring" />
        </Box>
      )}
      {doctor.error !== null && <ErrorPanel error={doctor.error} onRetry={() => void measure()} />}
      {report !== null && <Report report={report} />}
    </Box>
  );
}

function Report({ report }: { readonly report: DoctorReport }): ReactNode {
  return (
    <Box sx={{ display: 'grid', gap: 1.5, width: '100%' }}>
      <Facts
        facts={[
          {
            label: 'Engine',
            value:
              (engineNames[report.engine.backend] ?? report.engine.backend) +
              (report.engine.reason === null ? '' : `: ${report.engine.reason}`),
          },
          { label: 'Library', value: report.library },
          { label: 'Devices', value: report.devices.join(', ') },
          { label: 'Runtime', value: report.runtime },
          ...Object.entries(report.sgemmGflops).map(([size, rate]) => ({
            label: `Matrices of ${formatCount(Number(size))}`,
            value: `${formatNumber(rate)} GFLOP/s`,
            title: String(rate),
          })),
        ]}
      />
      {report.advice.length > 0 && (
        <Typography variant="h3" component="h3">
          What would make it faster
        </Typography>
      )}
      {report.advice.map((text) => (
        <Alert key={text} severity="info" variant="outlined" sx={{ overflowWrap: 'anywhere' }}>
          {text}
        </Alert>
      ))}
    </Box>
  );
}
