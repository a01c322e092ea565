import { engineEventSchema, type EngineEvent } from '../../shared/ipc/engine-events';

/** The event a message stands for, or null where it is none. */
export function parseEngineEvent(message: unknown): EngineEvent | null {
  const parsed = engineEventSchema.safeParse(message);
  return parsed.success ? parsed.data : null;
}
