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
    for (const id of ['data-folder', 'guide', 'paper', 'log', 'diagnostics'])
      (help.find((item) => item.id === id)!.click as () => void)();
    for (const action of Object.values(called)) expect(action).toHaveBeenCalledOnce();
  });

  it.each([true, false])('of a release has neither reload nor developer tools (release: %s)', (isRelease) => {
    const roles = menuTemplate(false, actions(), isRelease)
      .flatMap((item) => (Array.isArray(item.submenu) ? item.submenu : []))
      .map((item: MenuItemConstructorOptions) => item.role ?? '');
    for (const role of ['reload', 'forceReload', 'toggleDevTools'])
      expect(roles.includes(role as never)).toBe(!isRelease);
    expect(menuTemplate(false, actions(), isRelease).map((item) => item.role)).not.toContain('viewMenu'); // it would bring them
  });
});
