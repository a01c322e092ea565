import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';

describe('the runtime the tests run on', () => {
  it('is the Electron of the manifest, run as Node', () => {
    expect(process.versions['electron']).toBeTruthy();
  });

  it('opens SQLite with the addon built for it', () => {
    const db = new Database(':memory:');
    expect(db.prepare('select 1 + 1 as two').get()).toEqual({ two: 2 });
    db.close();
  });
});
