// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testIds } from '../../../../src-renderer/test-ids';
import { fakeApi, makeWorld } from '../harness/fake-api';
import { manyRuns, run } from '../harness/fake-data';
import { renderApp } from '../support/render-app';

// jsdom has no layout: the window is 800 px high and every row as high as it is thought to be.
const own = {
  offsetHeight: Object.getOwnPropertyDescriptor(HTMLElement.prototype, 'offsetHeight')!,
  clientHeight: Object.getOwnPropertyDescriptor(Element.prototype, 'clientHeight')!,
};
beforeAll(() => {
  Object.defineProperty(HTMLElement.prototype, 'offsetHeight', { configurable: true, get: () => 57 });
  Object.defineProperty(Element.prototype, 'clientHeight', { configurable: true, get: () => 800 });
  Element.prototype.scrollTo = function (this: Element, options?: ScrollToOptions | number) {
    if (typeof options === 'object') this.scrollTop = options.top ?? 0;
    this.dispatchEvent(new Event('scroll'));
  };
});
afterAll(() => {
  Object.defineProperty(HTMLElement.prototype, 'offsetHeight', own.offsetHeight);
  Object.defineProperty(Element.prototype, 'clientHeight', own.clientHeight);
});

const rows = (): readonly HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-index]')];
const count = 10_000;
const open = async (hash: string) => {
  const api = fakeApi({}, makeWorld(manyRuns(count)));
  renderApp(api, hash);
  await screen.findByTestId(testIds.runRow('r_0'));
  return api;
};

describe('10,000 runs', () => {
  it('put only the rows near the window into the page, and tell how many there are', async () => {
    await open('#/runs');
    expect(rows().length).toBeLessThan(60);
    expect(screen.getByRole('table', { name: 'Runs' }).getAttribute('aria-rowcount')).toBe(String(count + 1));
    expect(document.body.textContent).toContain('10\u202f000 runs');
  });

  it('go to the last one and back by keys, on the same control', async () => {
    await open('#/runs');
    const first = screen.getByTestId(testIds.runTick('r_0'));
    first.focus();
    fireEvent.keyDown(first, { key: 'ArrowDown' });
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId(testIds.runTick('r_1'))));
    fireEvent.keyDown(document.activeElement!, { key: 'End' });
    await waitFor(() => expect(document.activeElement).toBe(screen.queryByTestId(testIds.runTick('r_9999'))));
    expect(rows().length).toBeLessThan(60);
    fireEvent.keyDown(document.activeElement!, { key: 'Home' });
    await waitFor(() => expect(document.activeElement).toBe(screen.queryByTestId(testIds.runTick('r_0'))));
  });

  it('are ticked for a comparison wherever they are, sorted and searched', async () => {
    await open('#/runs');
    fireEvent.click(screen.getByTestId(testIds.runTick('r_0')));
    fireEvent.click(screen.getByTestId(testIds.runsSort('created'))); // oldest first
    fireEvent.click(await screen.findByTestId(testIds.runTick('r_9999')));
    fireEvent.change(screen.getByTestId(testIds.runsSearch), { target: { value: 'run 5000' } });
    fireEvent.click(await screen.findByTestId(testIds.runTick('r_5000')));
    expect(rows()).toHaveLength(1);
    fireEvent.click(screen.getByTestId(testIds.compareTicked));
    await waitFor(() => expect(window.location.hash).toBe('#/compare/r_0,r_9999,r_5000'));
  });

  it('are chosen from just as many in Compare', async () => {
    await open('#/compare');
    expect(rows().length).toBeLessThan(60);
  });

  it('can be searched where a comparison is chosen, and what is ticked stays ticked', async () => {
    await open('#/compare');
    expect(rows().length).toBeLessThan(60);
    fireEvent.click(screen.getByTestId(testIds.runTick('r_0')));
    fireEvent.change(screen.getByTestId(testIds.runsSearch), { target: { value: 'run 5000' } });
    fireEvent.click(await screen.findByTestId(testIds.runTick('r_5000')));
    expect(screen.getByTestId(testIds.compareTicked).textContent).toBe('Compare 2');
  });
});

describe('a queue that stands still', () => {
  const queued = (id: string, name: string, ageMs: number) => run({ id, name, status: 'queued', ageMs });
  const still = () =>
    makeWorld([
      queued('r_b', 'later', 1e3),
      queued('r_a', 'sooner', 2e3),
      run({ id: 'r_p', name: 'first', status: 'paused' }),
    ]);

  it('says so and goes on when asked', async () => {
    const api = fakeApi({}, still());
    renderApp(api, '#/runs');
    expect((await screen.findByTestId(testIds.queueStill)).textContent).toContain('2 runs wait, “sooner” next');
    fireEvent.click(screen.getByTestId(testIds.queueGoOn));
    await waitFor(() => expect(api.called('runs:resume')).toEqual([{ id: 'r_a' }]));
    await waitFor(() => expect(screen.queryByTestId(testIds.queueStill)).toBeNull());
  });

  it.each(['#/', '#/runs/r_a'])('looks like it at %s: no bar moves', async (page) => {
    renderApp(fakeApi({}, still()), page);
    expect((await screen.findAllByText(/; the queue stands still/)).length).toBeGreaterThan(1); // the page, the foot
    expect(screen.queryAllByRole('progressbar')).toEqual([]);
  });
});
