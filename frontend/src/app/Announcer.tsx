import { useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { spoken } from '@/base/speech';
import { useSignal } from '@/base/useSignal';
import { usePrinters } from '@/fleet/printerList';
import { useAnnouncements } from '@/fleet/useOverview';

/** Tells those who hear the page what changes, wherever in the page they are. */
export function Announcer() {
  useAnnouncements(usePrinters());
  const said = useSignal(spoken);
  const full = useSyncExternalStore(onFullscreen, () => document.fullscreenElement ?? null);
  const region = (
    <div className="spoken" aria-live="polite">
      {said.map(({ turn, sentence }) => (
        <p key={turn}>{sentence}</p>
      ))}
    </div>
  );
  // What is outside of an element in full screen is not heard.
  return full === null ? region : createPortal(region, full);
}

function onFullscreen(listener: () => void): () => void {
  document.addEventListener('fullscreenchange', listener);
  return () => document.removeEventListener('fullscreenchange', listener);
}
