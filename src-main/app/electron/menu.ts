import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  readonly openDataFolder: () => void;
  readonly openGuide: () => void;
  readonly openPaper: () => void;
  readonly showLog: () => void;
  readonly showDiagnostics: () => void;
}

/**
 * Standard roles, so that shortcuts and words are the platform's own; Help leads to what a person looks for outside the
 * window. A release has no reload and no developer tools.
 */
export function menuTemplate(
  isMac: boolean,
  actions: MenuActions,
  isRelease: boolean,
): readonly MenuItemConstructorOptions[] {
  const { openDataFolder, openGuide, openPaper, showLog, showDiagnostics } = actions;
  const forDevelopers = [
    { role: 'reload' },
    { role: 'forceReload' },
    { role: 'toggleDevTools' },
    { type: 'separator' },
  ] as const;
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    {
      label: 'View',
      id: 'view',
      submenu: [
        ...(isRelease ? [] : forDevelopers),
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { id: 'guide', label: 'User guide', click: openGuide },
        { id: 'paper', label: 'The SamPO paper', click: openPaper },
        { type: 'separator' },
        { id: 'data-folder', label: 'Open data folder', click: openDataFolder },
        { id: 'log', label: 'Show log', click: showLog },
        { id: 'diagnostics', label: 'Save diagnostics…', click: showDiagnostics },
        ...(isMac ? [] : [{ type: 'separator' } as const, { role: 'about' } as const]),
      ],
    },
  ];
}
