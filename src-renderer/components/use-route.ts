import { useSyncExternalStore } from 'react';
import { formatRoute, parseRoute, type Route } from '../state/router';

const subscribe = (changed: () => void): (() => void) => {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
};
const currentHash = (): string => window.location.hash;

export const useRoute = (): Route => parseRoute(useSyncExternalStore(subscribe, currentHash));

export const go = (route: Route): void => {
  window.location.hash = formatRoute(route);
};
