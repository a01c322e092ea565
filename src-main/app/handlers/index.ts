import type { Handlers } from '../../shared/ipc/contract';
import { appHandlers } from './app';
import type { HandlerContext } from './context';
import { libraryHandlers } from './library';
import { runHandlers } from './runs';

/** Every request of the contract; a missing one does not compile. */
export const makeHandlers = (context: HandlerContext): Handlers => ({
  ...appHandlers(context),
  ...libraryHandlers(context),
  ...runHandlers(context),
});
