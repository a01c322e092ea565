import { describe, expect, it, vi } from 'vitest';
import type { MenuItemConstructorOptions } from 'electron';
import { menuTemplate } from '../../../../../src-main/app/electron/menu';

const actions = () => ({
  openDataFolder: vi.fn(),
  openGuide: vi.fn(),
  openPaper: vi.fn(),
  showLog: vi.fn(),
  showDiagnostics: vi.fn(),
});

describe('the menu', () => {
  it('is made of the platform’s own parts', () => {
    expect(menuTemplate(false, actions(), false).map((item) => item.role ?? item.label)).toEqual([
      'fileMenu',
      'editMenu',
      'View',
      'windowMenu',
      'help',
    ]);
    expect(menuTemplate(true, actions(), false).map((item) => item.role ?? item.label)).toEqual([
      'appMenu',
      'fileMenu',
      'editMenu',
      'View',
      'windowMenu',
      'help',
    ]);
  });

  it('leads from Help to the data folder, the guide, the paper, the log and the diagnostics', () => {
    const called = actions();
    const help = menuTemplate(false, called, true).at(-1)!.submenu as readonly MenuItemConstructorOptions[];
    for (const [id, action] of [
      ['data-folder', called.openDataFolder],
      ['guide', called.openGuide],
      ['paper', called.openPaper],
      ['log', called.showLog],
      ['diagnostics', called.showDiagnostics],
    ] as const) {
      expect(action).not.toHaveBeenCalled();
      (help.find((item) => item.id === id)!.click as () => void)();
      expect(action).toHaveBeenCalledOnce();
    }
  });

  const words = (items: unknown): string[] =>
    (items as readonly MenuItemConstructorOptions[]).map((item) => item.role ?? item.label ?? item.type ?? '');
  it.each([
    [false, true, ['about']],
    [true, true, []],
    [false, false, ['about']],
  ])('has its parts in order (Mac: %s, release: %s)', (isMac, isRelease, about) => {
    const menu = menuTemplate(isMac, actions(), isRelease);
    const view = menu.find((item) => item.id === 'view')!;
    expect(words(view.submenu)).toEqual([
      ...(isRelease ? [] : ['reload', 'forceReload', 'toggleDevTools', 'separator']),
      'resetZoom',
      'zoomIn',
      'zoomOut',
      'separator',
      'togglefullscreen',
    ]);
    expect(words(menu.at(-1)!.submenu)).toEqual([
      'User guide',
      'The SamPO paper',
      'separator',
      'Open data folder',
      'Show log',
      'Save diagnostics…',
      ...(about.length > 0 ? ['separator', 'about'] : []),
    ]);
  });

  it.each([true, false])('of a release has neither reload nor developer tools (release: %s)', (isRelease) => {
    const roles = menuTemplate(false, actions(), isRelease)
      .flatMap((item) => (Array.isArray(item.submenu) ? item.submenu : []))
      .map((item: MenuItemConstructorOptions) => item.role ?? '');
    for (const role of ['reload', 'forceReload', 'toggleDevTools'])
      expect(roles.includes(role as never)).toBe(!isRelease);
    // it would bring them
    expect(menuTemplate(false, actions(), isRelease).map((item) => item.role)).not.toContain('viewMenu');
  });
});
