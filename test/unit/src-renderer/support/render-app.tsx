import { cleanup, configure, render, type RenderResult } from '@testing-library/react';
import { afterEach } from 'vitest';
import { App } from '../../../../src-renderer/app';
import type { FakeApi } from '../harness/fake-api';

// Many suites share two cores; a slow frame is no failure.
configure({ asyncUtilTimeout: 15_000 });

// jsdom has no layout and no media queries.
Object.defineProperty(window, 'matchMedia', {
  configurable: true,
  value: (query: string) => ({
    matches: query.includes('reduced-motion'),
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
  }),
});
Element.prototype.scrollIntoView = () => undefined;

afterEach(() => {
  cleanup();
  sessionStorage.clear();
});

/** The whole renderer on a fake Api, at an address. */
export function renderApp(api: FakeApi, hash = '#/'): RenderResult {
  window.location.hash = hash;
  return render(<App api={api} />);
}
