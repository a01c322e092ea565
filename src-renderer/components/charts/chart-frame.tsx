import MoreHoriz from '@mui/icons-material/MoreHoriz';
import { Box, Divider, IconButton, Menu, MenuItem, Paper, Skeleton, Typography } from '@mui/material';
import { useId, useRef, useState, type ReactNode } from 'react';
import type { TableData } from '../../state/csv';
import { testIds } from '../../test-ids';
import { ChartTable } from './chart-table';
import { useChartSubject } from './chart-subject';
import { downloadCsv, downloadPng, downloadSvg, type ChartWords } from './export-chart';

export interface ChartFrameProps {
  readonly id: string;
  /** The question that the chart answers. */
  readonly title: string;
  readonly sentence: ReactNode;
  readonly table: () => TableData;
  /** When data will come; shown instead of the chart while there is none. */
  readonly empty: string | null;
  readonly isLoading?: boolean;
  readonly height?: number;
  readonly note?: ReactNode;
  readonly legend?: ReactNode;
  readonly fileName?: string;
  readonly children: ReactNode;
}

/** The picture stays as wide as it is while its table is shown: it can be saved, and a report of the page has it. */
const behindTable = { position: 'absolute', top: 0, left: 0, right: 0, visibility: 'hidden' } as const;

/** Frame of every chart: question, legend, picture or table, the sentence that reads it, and ways to take it along. */
export function ChartFrame(props: ChartFrameProps): ReactNode {
  const { id, title, sentence, table, empty, isLoading = false, height = 200, legend, note, fileName = id } = props;
  const subject = useChartSubject();
  const titleId = useId();
  const body = useRef<HTMLDivElement>(null);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [isTable, setTable] = useState(false);
  const hasData = empty === null && !isLoading;
  const close = (): void => setAnchor(null);
  const caption = useRef<HTMLElement>(null);
  const words = (): ChartWords => ({ title, subject, caption: caption.current?.textContent ?? '' });
  const withSvg = (use: (svg: SVGSVGElement) => void) => (): void => {
    close();
    const svg = body.current?.querySelector('svg[data-chart]');
    if (svg instanceof SVGSVGElement) use(svg);
  };
  return (
    <Paper
      component="figure"
      variant="outlined"
      data-testid={testIds.chart(id)}
      aria-labelledby={titleId}
      sx={{ m: 0, p: '12px 14px 12px', display: 'flex', flexDirection: 'column', minWidth: 0, height: '100%' }}
    >
      <Box sx={{ display: 'flex', alignItems: 'flex-start', gap: 1 }}>
        <Typography id={titleId} variant="h3" component="h2" sx={{ flex: 1, minWidth: 0, pt: '3px' }}>
          {title}
        </Typography>
        <IconButton
          size="small"
          aria-label={`Options of “${title}”`}
          aria-haspopup="menu"
          disabled={!hasData}
          data-testid={testIds.chartMenu(id)}
          onClick={(event) => setAnchor(event.currentTarget)}
          sx={{ mt: '-2px', mr: '-6px' }}
        >
          <MoreHoriz fontSize="small" />
        </IconButton>
        <Menu open={anchor !== null} anchorEl={anchor} onClose={close}>
          <MenuItem
            dense
            onClick={() => {
              setTable(!isTable);
              close();
            }}
          >
            {isTable ? 'Show as chart' : 'Show as table'}
          </MenuItem>
          <Divider />
          <MenuItem dense onClick={withSvg((svg) => void downloadPng(fileName, svg, words()))}>
            Save as PNG
          </MenuItem>
          <MenuItem dense onClick={withSvg((svg) => downloadSvg(fileName, svg, words()))}>
            Save as SVG
          </MenuItem>
          <MenuItem
            dense
            onClick={() => {
              close();
              downloadCsv(fileName, table());
            }}
          >
            Save numbers as CSV
          </MenuItem>
        </Menu>
      </Box>
      <Box
        ref={body}
        sx={{
          position: 'relative',
          overflow: isTable ? 'hidden' : 'visible',
          flex: empty === null ? 'none' : 1,
          minHeight: height,
          display: 'flex',
          flexDirection: 'column',
        }}
      >
        {isLoading ? (
          <Skeleton variant="rounded" height={height} sx={{ mt: 1 }} />
        ) : empty !== null ? (
          <Box
            sx={{
              flex: 1,
              minHeight: height,
              display: 'grid',
              placeItems: 'center',
              textAlign: 'center',
              px: 3,
              mt: 1,
              border: '1px dashed',
              borderColor: 'divider',
              borderRadius: 1,
            }}
          >
            <Typography variant="body2" color="textSecondary" sx={{ maxWidth: 320 }}>
              {empty}
            </Typography>
          </Box>
        ) : (
          <>
            {isTable && <ChartTable id={id} caption={title} table={table()} height={height} />}
            <Box aria-hidden={isTable} sx={isTable ? behindTable : { display: 'contents' }}>
              {legend}
              {props.children}
            </Box>
          </>
        )}
      </Box>
      {hasData && sentence !== null && (
        <Typography
          ref={caption}
          component="figcaption"
          variant="body2"
          color="textSecondary"
          data-testid={testIds.chartSentence(id)}
          sx={{ mt: 0.75 }}
        >
          {sentence}
          {note}
        </Typography>
      )}
    </Paper>
  );
}
