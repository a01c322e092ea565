import { describe, expect, it } from 'vitest';
import type { FileColumns } from '../../../../src-main/shared/data/dataset';
import {
  isRequired,
  namedRoles,
  rolePreview,
  rolesOf,
  rolesProblem,
  withRole,
} from '../../../../src-renderer/state/import-roles';
import { usualModel } from '../../../../src-renderer/state/usual-model';
import { models, run, spec } from '../harness/fake-data';

const column = (name: string, ...samples: readonly string[]) => ({ name, holds: 'text' as const, samples });
const file: FileColumns = {
  columns: [
    column('q', 'Why?', 'Who?', 'When?'),
    column('good', 'Because.', 'I.', 'Now.'),
    column('bad', 'No.', '', 'Never.'),
    column('sys', 'Be brief.', '', ''),
  ],
  format: null,
  suggested: { prompt: 'q', chosen: 'good', rejected: 'bad' },
};

describe('roles of columns', () => {
  it('are what the file suggests until somebody says otherwise, and none where its names say it all', () => {
    expect(rolesOf(file, null)).toEqual(file.suggested);
    expect(rolesOf({ ...file, suggested: null }, null)).toEqual({});
    expect(rolesOf({ ...file, format: 'pairs' }, null)).toBeNull();
    expect(rolesOf(file, { chosen: 'bad' })).toEqual({ chosen: 'bad' });
    expect(namedRoles({ ...file, columns: [column('prompt'), column('x'), column('chosen')] })).toEqual({
      prompt: 'prompt',
      chosen: 'chosen',
    });
  });

  it('are refused by name where one is missing or stands twice', () => {
    expect(rolesProblem(file.suggested, file)).toBeNull();
    expect(rolesProblem({}, file)).toBe('Choose which column is the prompt.');
    expect(rolesProblem({ prompt: 'q', chosen: 'good' }, file)).toBe('Choose which column is the rejected answer.');
    expect(rolesProblem({ prompt: 'q', chosen: 'good', rejected: 'good' }, file)).toBe(
      '“good” cannot be both chosen answer and rejected answer.',
    );
    expect(rolesProblem(null, file)).toBeNull();
  });

  it('need no prompt where the answers are conversations or transcripts that hold it', () => {
    const talks: FileColumns = {
      ...file,
      columns: [{ name: 'a', holds: 'messages', samples: ['[]'] }, column('b', '\n\nHuman: x\n\nAssistant: y')],
    };
    expect(isRequired('prompt', { chosen: 'a' }, talks)).toBe(false);
    expect(isRequired('prompt', { chosen: 'b' }, talks)).toBe(false);
    expect(rolesProblem({ chosen: 'a', rejected: 'b' }, talks)).toBeNull();
    expect(isRequired('prompt', { chosen: 'good' }, file)).toBe(true);
  });

  it('show the first rows as pairs', () => {
    expect(rolePreview(withRole(file.suggested!, 'system', 'sys'), file)).toEqual([
      { prompt: 'Why?', chosen: 'Because.', rejected: 'No.', system: 'Be brief.' },
      { prompt: 'Who?', chosen: 'I.', rejected: '', system: '' },
      { prompt: 'When?', chosen: 'Now.', rejected: 'Never.', system: '' },
    ]);
    expect(withRole({ prompt: 'q', system: 'sys' }, 'system', null)).toEqual({ prompt: 'q' });
  });
});

describe('the model that lengths are measured with', () => {
  it('is that of the newest run, else the starter, else the first', () => {
    const other = models[1]!;
    const own = run({ id: 'r', spec: spec({ model: { path: other.path } }) });
    expect(usualModel(models, [own])).toBe(other.id);
    expect(usualModel(models, [])).toBe('starter');
    expect(usualModel(models.slice(1), [run({ id: 'r', spec: spec({ model: { path: '/gone' } }) })])).toBe(other.id);
    expect(usualModel([], [])).toBeNull();
  });
});
