import { afterEach, describe, expect, it, vi } from 'vitest';
import { KeepAwake } from '../../../../../src-main/app/electron/keep-awake';
import { powerSaveBlocker } from '../../../support/fake-electron';
import { anyRun } from '../../../support/runs';

vi.mock('electron', () => import('../../../support/fake-electron'));
afterEach(() => void vi.clearAllMocks());

describe('the machine', () => {
  it('stays awake from the first run at work to the end of the last one', () => {
    const awake = new KeepAwake();
    const [first, second] = [anyRun(), anyRun()];
    awake.see({ ...first, status: 'preparing' });
    awake.see({ ...second, status: 'queued' });
    awake.see({ ...first, status: 'running' });
    expect(powerSaveBlocker.start.mock.calls).toEqual([['prevent-app-suspension']]);
    awake.see({ ...first, status: 'finished' });
    expect(powerSaveBlocker.stop).not.toHaveBeenCalled();
    awake.see({ ...second, status: 'failed' });
    awake.see({ ...second, status: 'failed' }); // renamed, say
    expect(powerSaveBlocker.stop.mock.calls).toEqual([[7]]);
    awake.see({ ...second, status: 'running' });
    expect(powerSaveBlocker.start).toHaveBeenCalledTimes(2);
  });
});
