import { useSyncExternalStore } from 'react';

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

let size: ScreenSize = { width: 0, height: 0 };

function measured(): ScreenSize {
  const { innerWidth: width, innerHeight: height } = window;
  if (width !== size.width || height !== size.height) {
    size = { width, height };
  }
  return size;
}

function onResize(listener: () => void): () => void {
  addEventListener('resize', listener);
  return () => removeEventListener('resize', listener);
}

/** The size of the page on the screen, in CSS pixels. */
export const useScreenSize = (): ScreenSize => useSyncExternalStore(onResize, measured);
