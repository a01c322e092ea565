import type { Events } from '../../shared/ipc/contract';
import type { FileTokens } from '../file-tokens';
import type { Services } from '../services';

/**
 * What handlers have beside the services: tokens, dialogs and the line to the window. Electron fills it in; tests need
 * no window.
 */
export interface HandlerContext {
  readonly services: Services;
  readonly tokens: FileTokens;
  emit<E extends keyof Events>(event: E, payload: Events[E]): void;
  /** Opens a dialog; null: cancelled. */
  pick(kind: 'dataset' | 'model-folder' | 'model-file' | 'export-folder'): Promise<string | null>;
  /** Asks where a file of this name should go; null: cancelled. */
  pickTarget(name: string): Promise<string | null>;
  reveal(path: string): void;
  /** While the app closes: the run at work is not waited for. */
  endNow(): void;
  readonly appVersion: string;
}
