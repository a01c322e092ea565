import { describe, expect, it, vi } from 'vitest';
import type { MenuItemConstructorOptions } from 'electron';
import { menuTemplate } from '../../../../../src-main/app/electron/menu';

const actions = () => ({ openDataFolder: vi.fn(), openGuide: vi.fn(), openPaper: vi.fn() });

describe('the menu', () => {
  it('is made of the platform’s own parts', () => {
    expect(menuTemplate(false, actions()).map((item) => item.role)).toEqual(['fileMenu', 'editMenu', 'viewMenu', 'windowMenu', 'help']);
    expect(menuTemplate(true, actions()).map((item) => item.role)).toEqual(['appMenu', 'fileMenu', 'editMenu', 'viewMenu', 'windowMenu', 'help']);
  });

  it('leads from Help to the data folder, the guide and the paper', () => {
    const called = actions();
    const help = menuTemplate(false, called).at(-1)!.submenu as readonly MenuItemConstructorOptions[];
    for (const id of ['data-folder', 'guide', 'paper']) (help.find((item) => item.id === id)!.click as () => void)();
    for (const action of Object.values(called)) expect(action).toHaveBeenCalledOnce();
  });
});
