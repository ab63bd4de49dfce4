// The browser's storage, or none: in a frame of another site it may be forbidden, and then nothing is remembered.

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Never throws: what cannot be kept reads as null. */
export function kept(open: () => Kept): Kept {
  const attempt = <T,>(action: (storage: Kept) => T, otherwise: T): T => {
    try {
      return action(open());
    } catch {
      return otherwise;
    }
  };
  return {
    getItem: (key) => attempt((storage) => storage.getItem(key), null),
    setItem: (key, value) => attempt((storage) => storage.setItem(key, value), undefined),
    removeItem: (key) => attempt((storage) => storage.removeItem(key), undefined),
  };
}
