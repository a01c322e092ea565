import { TableBody } from '@mui/material';
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { Fragment, useCallback, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

/** A list up to this long is simply there: searching in the page and printing then find all of it. */
const alwaysWhole = 80;
const overscan = 8;

export interface RowProps {
  readonly ref?: (element: HTMLElement | null) => void;
  readonly 'data-index': number;
  readonly 'aria-rowindex': number;
}

export interface WindowedRowsProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** Of a usual row, in px; rows are measured once they are seen. */
  readonly rowHeight: number;
  readonly children: (item: T, row: RowProps) => ReactNode;
}

/**
 * The body of a table of any length: only the rows near the window are in the page, empty rows keep the place of the
 * others. Arrow keys, Home and End go from row to row and keep the control they are on (tick box, name, menu).
 */
export function WindowedRows<T>(props: WindowedRowsProps<T>): ReactNode {
  return props.items.length <= alwaysWhole ? <WholeRows {...props} /> : <SomeRows {...props} />;
}

function WholeRows<T>({ items, keyOf, children }: WindowedRowsProps<T>): ReactNode {
  const body = useRef<HTMLTableSectionElement>(null);
  const onKeyDown = useRowKeys(body, items.length, () => undefined);
  return (
    <TableBody ref={body} onKeyDown={onKeyDown}>
      {items.map((item, i) => (
        <Fragment key={keyOf(item)}>{children(item, { 'data-index': i, 'aria-rowindex': i + 2 })}</Fragment>
      ))}
    </TableBody>
  );
}

/** The page's content scrolls as a whole (frame.tsx). */
const scroller = (): HTMLElement | null => document.getElementById('content');

function SomeRows<T>({ items, keyOf, rowHeight, children }: WindowedRowsProps<T>): ReactNode {
  const body = useRef<HTMLTableSectionElement>(null);
  const [focused, setFocused] = useState<number | null>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const [inner, outer] = [body.current?.getBoundingClientRect(), scroller()];
    if (inner && outer) setMargin(Math.max(0, inner.top - outer.getBoundingClientRect().top + outer.scrollTop));
  }, []);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: scroller,
    estimateSize: () => rowHeight,
    getItemKey: useCallback((index: number) => keyOf(items[index]!), [items, keyOf]),
    overscan,
    useFlushSync: false,
    scrollMargin: margin,
    initialRect: { width: 1000, height: 800 },
    // a row that has the focus stays, or the focus would be lost by scrolling away
    rangeExtractor: useCallback(
      (range: Range) => {
        const near = defaultRangeExtractor(range);
        return focused === null || focused >= range.count || near.includes(focused)
          ? near
          : [...near, focused].sort((a, b) => a - b);
      },
      [focused],
    ),
  });
  const onKeyDown = useRowKeys(body, items.length, (index) => {
    setFocused(index);
    rows.scrollToIndex(index, { align: 'auto' });
  });
  const shown = rows.getVirtualItems();
  const end = rows.getTotalSize() + margin;
  return (
    <TableBody
      ref={body}
      onKeyDown={onKeyDown}
      onFocus={(event) => setFocused(indexOf(event.target))}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setFocused(null);
      }}
    >
      {shown.map((row, i) => (
        <Fragment key={row.key}>
          <Gap height={row.start - (shown[i - 1]?.end ?? margin)} />
          {children(items[row.index]!, {
            ref: rows.measureElement,
            'data-index': row.index,
            'aria-rowindex': row.index + 2,
          })}
        </Fragment>
      ))}
      <Gap height={end - (shown.at(-1)?.end ?? margin)} />
    </TableBody>
  );
}

function Gap({ height }: { readonly height: number }): ReactNode {
  return height < 1 ? null : <tr aria-hidden="true" style={{ height }} />;
}

const rowOf = (element: EventTarget): HTMLElement | null =>
  element instanceof HTMLElement ? element.closest<HTMLElement>('[data-index]') : null;
const indexOf = (element: EventTarget): number | null => {
  const row = rowOf(element);
  return row === null ? null : Number(row.dataset['index']);
};
const controlsOf = (row: HTMLElement): readonly HTMLElement[] => [
  ...row.querySelectorAll<HTMLElement>('a[href], button:not(:disabled), input:not(:disabled)'),
];

/** `show` brings a row into the page, which may take a frame or two. */
function useRowKeys(
  body: { readonly current: HTMLElement | null },
  count: number,
  show: (index: number) => void,
): (event: KeyboardEvent) => void {
  return (event) => {
    const row = rowOf(event.target);
    if (row === null || event.altKey || event.ctrlKey || event.metaKey) return;
    const index = Number(row.dataset['index']);
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined || to < 0 || to >= count) return;
    event.preventDefault();
    const column = Math.max(0, controlsOf(row).indexOf(event.target as HTMLElement));
    show(to);
    const focus = (tries: number): void => {
      const target = body.current?.querySelector<HTMLElement>(`[data-index="${to}"]`) ?? null;
      const controls = target === null ? [] : controlsOf(target);
      if (controls.length > 0) (controls[column] ?? controls.at(-1))!.focus();
      else if (tries > 0) requestAnimationFrame(() => focus(tries - 1));
    };
    focus(20);
  };
}
