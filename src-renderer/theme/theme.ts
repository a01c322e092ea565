import { createTheme, type Theme } from '@mui/material/styles';
import { darkPalette, lightPalette, type DataPalette } from './palette';

declare module '@mui/material/styles' {
  interface Theme {
    readonly data: DataPalette;
  }
  interface ThemeOptions {
    readonly data?: DataPalette;
  }
}

const fontFamily =
  'Inter, "Segoe UI Variable Text", "Segoe UI", -apple-system, BlinkMacSystemFont, Roboto, "Noto Sans", ' +
  '"Liberation Sans", sans-serif';
export const monoFamily =
  'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';

export function makeTheme(mode: 'light' | 'dark', reducedMotion: boolean): Theme {
  const data = mode === 'light' ? lightPalette : darkPalette;
  const accent = mode === 'light' ? '#1f3a4d' : '#cfe0ec';
  const contrastText = mode === 'light' ? '#ffffff' : '#10202b';
  return createTheme({
    data,
    palette: {
      mode,
      primary: { main: accent, contrastText },
      secondary: { main: data.muted },
      error: { main: data.bad },
      warning: { main: data.warning },
      success: { main: data.good },
      info: { main: data.chosenText },
      background: { default: data.page, paper: data.paper },
      text: { primary: data.ink, secondary: data.muted },
      divider: data.line,
    },
    shape: { borderRadius: 4 },
    ...(reducedMotion ? { transitions: { create: () => 'none' } } : {}),
    typography: {
      fontFamily,
      fontSize: 13,
      h1: { fontSize: 24, fontWeight: 650, lineHeight: 1.25, letterSpacing: '-0.012em' },
      h2: { fontSize: 17, fontWeight: 620, lineHeight: 1.35, letterSpacing: '-0.006em' },
      h3: { fontSize: 14, fontWeight: 620, lineHeight: 1.4 },
      body1: { fontSize: 14, lineHeight: 1.55 },
      body2: { fontSize: 13, lineHeight: 1.5 },
      caption: { fontSize: 12, lineHeight: 1.45 },
      button: { textTransform: 'none', fontWeight: 600 },
      overline: { fontSize: 11, fontWeight: 650, letterSpacing: '0.06em', lineHeight: 1.6 },
    },
    components: {
      MuiCssBaseline: {
        styleOverrides: {
          html: { height: '100%' },
          body: {
            height: '100%',
            overflow: 'hidden',
            fontVariantNumeric: 'tabular-nums',
            WebkitFontSmoothing: 'antialiased',
          },
          '#root': { height: '100%' },
          ':focus-visible': { outline: `2px solid ${data.chosenText}`, outlineOffset: 2 },
          '@media (prefers-reduced-motion: reduce)': {
            '*, *::before, *::after': {
              animationDuration: '0.01ms !important',
              animationIterationCount: '1 !important',
              transitionDuration: '0.01ms !important',
            },
          },
        },
      },
      MuiButtonBase: {
        defaultProps: { disableRipple: true },
        styleOverrides: {
          root: {
            fontFamily: 'inherit',
            '&.Mui-focusVisible': { outline: `2px solid ${data.chosenText}`, outlineOffset: 2 },
          },
        },
      },
      MuiButton: {
        defaultProps: { disableElevation: true, size: 'medium' },
        styleOverrides: { root: { borderRadius: 7, paddingInline: 14, whiteSpace: 'nowrap' } },
      },
      MuiPaper: {
        defaultProps: { elevation: 0 },
        styleOverrides: { root: { backgroundImage: 'none' }, rounded: { borderRadius: 8 } },
      },
      MuiToggleButton: {
        styleOverrides: {
          root: {
            color: data.muted,
            '&.Mui-selected': { color: data.ink, backgroundColor: data.neutralSoft, fontWeight: 620 },
          },
        },
      },
      MuiSkeleton: { styleOverrides: { root: { backgroundColor: data.neutralSoft } } },
      MuiOutlinedInput: { styleOverrides: { root: { borderRadius: 6 } } },
      MuiAlert: { styleOverrides: { root: { borderRadius: 8 } } },
      MuiDialog: {
        styleOverrides: { paper: { border: `1px solid ${data.line}`, boxShadow: '0 18px 60px rgba(10,20,30,.28)' } },
      },
      MuiMenu: {
        styleOverrides: { paper: { border: `1px solid ${data.line}`, boxShadow: '0 8px 28px rgba(10,20,30,.18)' } },
      },
      MuiTooltip: {
        defaultProps: { arrow: false, enterDelay: 350 },
        styleOverrides: {
          tooltip: {
            fontSize: 12,
            lineHeight: 1.45,
            padding: '6px 10px',
            backgroundColor: mode === 'light' ? '#1c2731' : '#e6ebf0',
            color: mode === 'light' ? '#ffffff' : '#10181f',
          },
        },
      },
      MuiTableCell: {
        styleOverrides: {
          root: {
            borderColor: data.line,
            padding: '8px 12px',
            fontSize: 13,
            '&:not(* + *)': { paddingLeft: 18 },
            '&:last-of-type': { paddingRight: 18 },
          },
          head: { fontSize: 12, fontWeight: 600, color: data.muted, whiteSpace: 'nowrap', lineHeight: 1.4 },
        },
      },
      MuiTextField: { defaultProps: { size: 'small' } },
      MuiSelect: { defaultProps: { size: 'small' } },
      MuiFormHelperText: { styleOverrides: { root: { marginInline: 0, lineHeight: 1.45, fontSize: 12 } } },
      MuiTab: { styleOverrides: { root: { minHeight: 40, padding: '8px 14px', minWidth: 0 } } },
      MuiTabs: { styleOverrides: { root: { minHeight: 40 } } },
      MuiLinearProgress: {
        styleOverrides: { root: { height: 5, borderRadius: 3, backgroundColor: data.neutralSoft } },
      },
      MuiAccordion: {
        defaultProps: { disableGutters: true, square: true },
        styleOverrides: { root: { '&::before': { display: 'none' } } },
      },
    },
  });
}
