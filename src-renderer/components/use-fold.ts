import { useState } from 'react';

/** Folded or not; a mistake inside unfolds it for good, so that a field does not vanish while it is being corrected. */
export function useFold(isOpenAtFirst: boolean, hasMistake: boolean): readonly [isOpen: boolean, toggle: () => void] {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  if (hasMistake && !isOpen) setOpen(true);
  return [isOpen || hasMistake, () => setOpen(!isOpen)];
}
