import { useRef, useState } from 'react';
import { useSpoken } from '@/base/speech';
import { useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { Facts } from '@/ui/Facts';
import { cameraFacts } from './CameraFacts';
import styles from './StatsPanel.module.css';
import { asText, playerFigures } from './figures';
import { copy } from './stage/copy';
import type { CameraHandle } from './useCamera';

const words = texts.camera;

/** How this browser plays the camera, and what the service knows of it, renewed each second; one click copies it. */
export function StatsPanel({ camera: { actions, view, report }, name }: { readonly camera: CameraHandle; readonly name: string }) {
  useAtTime((now) => now);
  const lists = useRef<HTMLDivElement>(null);
  const [said, say] = useState('');
  useSpoken(said);
  const stats = actions?.stats() ?? null;
  if (stats === null) {
    return null;
  }
  const playing = playerFigures(view, stats);
  const reported = report === null ? [] : cameraFacts(report);
  const copyAll = async (element: HTMLElement) => {
    const title = `${name}, ${new Date().toISOString()}, ${navigator.userAgent}`;
    say((await copy(asText(title, [playing, reported]), element)) ? words.copied : words.selected);
  };
  return (
    <div className={styles.panel}>
      <div ref={lists} className={styles.lists}>
        <Facts title={words.stream} facts={playing} />
        {report === null ? null : <Facts title={words.facts} facts={reported} />}
      </div>
      <p className={styles.copy}>
        <Button onClick={() => lists.current !== null && void copyAll(lists.current)}>{words.copy}</Button>
        <span>{said}</span>
      </p>
    </div>
  );
}
