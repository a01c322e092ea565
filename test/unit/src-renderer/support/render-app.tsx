import { cleanup, configure, render, type RenderResult } from '@testing-library/react';
import { afterEach } from 'vitest';
import { App } from '../../../../src-renderer/app';
import { patience } from '../../../support/waits';
import type { FakeApi } from '../harness/fake-api';

configure({ asyncUtilTimeout: patience });

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
