import { throwFailure } from '../../shared/result';
import type { EngineJobs, ExportOutcome } from '../protocol';
import type { JobContext } from './index';

export async function exportRun(input: EngineJobs['export']['in'], _context: JobContext): Promise<ExportOutcome> {
  return throwFailure('unsupported', `Export as ${input.form} is not connected yet.`, 'Try again in a later version.');
}
