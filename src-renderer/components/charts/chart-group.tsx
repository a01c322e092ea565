import { createContext, useContext, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { Range } from '../../state/chart-math';

/** What the charts of a page share on one axis: where the pointer is, and the range that is zoomed in. */
export interface ChartGroupState {
  readonly subscribe: (changed: () => void) => () => void;
  readonly hover: () => number | null;
  readonly setHover: (x: number | null) => void;
  readonly zoom: Range | null;
  readonly setZoom: (range: Range | null) => void;
}

/** Pointer moves go past React's state: only the crosshairs listen, not the pages. */
function makeHover(): Pick<ChartGroupState, 'subscribe' | 'hover' | 'setHover'> {
  const listeners = new Set<() => void>();
  let current: number | null = null;
  return {
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    hover: () => current,
    setHover: (x) => {
      if (x === current) return;
      current = x;
      for (const listener of listeners) listener();
    },
  };
}

const ChartGroupContext = createContext<ChartGroupState | null>(null);

export function ChartGroup({ children }: { readonly children: ReactNode }): ReactNode {
  const group = useOwnGroup();
  return <ChartGroupContext.Provider value={group}>{children}</ChartGroupContext.Provider>;
}

function useOwnGroup(): ChartGroupState {
  const [hover] = useState(makeHover);
  const [zoom, setZoom] = useState<Range | null>(null);
  return useMemo(() => ({ ...hover, zoom, setZoom }), [hover, zoom]);
}

/** The page's group for charts over steps; a chart over something else keeps to itself. */
export function useChartGroup(isShared: boolean): ChartGroupState {
  const shared = useContext(ChartGroupContext);
  const own = useOwnGroup();
  return isShared && shared !== null ? shared : own;
}

export const useHover = (group: ChartGroupState): number | null => useSyncExternalStore(group.subscribe, group.hover);

export const useZoom = (): Range | null => useContext(ChartGroupContext)?.zoom ?? null;
