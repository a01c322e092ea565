import type { Call, Results, Session } from './types';

/** `Session.runLanes` for sessions that run one call at a time. */
export async function runInTurn(
  session: Pick<Session, 'run'>,
  lanes: readonly (readonly Call[])[],
  interrupted: () => Promise<boolean>,
): Promise<readonly (readonly Results[])[] | null> {
  const results: Results[][] = [];
  for (const lane of lanes) {
    const ofLane: Results[] = [];
    for (const { entry, feeds, fetch } of lane) {
      ofLane.push(session.run(entry, feeds, fetch));
      if (await interrupted()) return null;
    }
    results.push(ofLane);
  }
  return results;
}
