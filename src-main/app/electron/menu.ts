import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  readonly openDataFolder: () => void;
  readonly openGuide: () => void;
  readonly openPaper: () => void;
}

/** Standard roles, so that shortcuts and words are the platform's own; Help leads to what a person looks for outside the window. */
export function menuTemplate(isMac: boolean, { openDataFolder, openGuide, openPaper }: MenuActions): readonly MenuItemConstructorOptions[] {
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    { role: 'viewMenu' },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { id: 'guide', label: 'User guide', click: openGuide },
        { id: 'paper', label: 'The SamPO paper', click: openPaper },
        { type: 'separator' },
        { id: 'data-folder', label: 'Open data folder', click: openDataFolder },
        ...(isMac ? [] : [{ type: 'separator' } as const, { role: 'about' } as const]),
      ],
    },
  ];
}
