import { type ReactNode, Suspense, useCallback, useRef, useState } from 'react';
import { Part } from '@/api/parts';
import { useSpoken } from '@/base/speech';
import { useField } from '@/fleet/fleetStore';
import { useShortcut } from '@/browser/shortcuts';
import { texts } from '@/texts';
import { later } from '@/ui/later';
import { Picture } from './Picture';
import styles from './Stage.module.css';
import type { Liveness } from './source';
import { StageControls } from './StageControls';
import { fileName, savePicture } from './stage/pictureFile';
import { useFullscreen } from './stage/useFullscreen';
import { useIdle } from './stage/useIdle';
import { useZoom } from './stage/useZoom';
import type { CameraHandle } from './useCamera';

const words = texts.camera;
/** A tile needs none of it. */
const StatsPanel = later(new Part(() => import('./StatsPanel')), (part) => part.StatsPanel);
const sayForMs = 4_000;

interface Props {
  readonly camera: CameraHandle;
  readonly id: number;
  readonly name: string;
  /** What a person could do about a camera that shows nothing. */
  readonly remedy?: ReactNode;
}

/** A camera with everything one can do with its picture, by buttons, keys and fingers. */
export function Stage({ camera, id, name, remedy }: Props) {
  const { view, actions, insist } = camera;
  const stage = useRef<HTMLDivElement>(null);
  const [isFull, toggleFull] = useFullscreen(stage, actions?.fillScreen ?? null);
  const toggleInset = actions?.toggleWindow ?? null;
  const zoom = useZoom();
  const isIdle = useIdle(stage, isFull);
  const [showsFigures, setShowsFigures] = useState(false);
  const [said, say] = useMomentary();
  const percent = useField(id, 'percent');
  useSpoken(said);

  const save = async () => {
    const picture = actions?.picture() ?? null;
    const file = fileName(name, takenAt(view.liveness), percent);
    say(picture !== null && (await savePicture(picture, actions?.file() ?? null, file)) ? words.saved(file) : words.notSaved);
  };
  const goLive = () => actions?.goLive();
  const toggleFigures = () => setShowsFigures((shown) => !shown);
  useShortcut('f', words.fullscreen, toggleFull, toggleFull !== null);
  useShortcut('p', words.pictureInPicture, toggleInset, toggleInset !== null);
  useShortcut('s', words.snapshot, () => void save());
  useShortcut('l', words.goLive, goLive);
  useShortcut('i', words.figures, toggleFigures);
  useShortcut('+', words.closer, zoom.closer);
  useShortcut('-', words.farther, zoom.farther);
  useShortcut('0', words.wholePicture, zoom.reset);

  return (
    <div ref={stage} className={styles.stage} data-full={isFull} data-idle={isIdle}>
      <Picture camera={camera} name={name} size="stage" zoom={zoom} remedy={remedy} notes={<Notes camera={camera} />}>
        <StageControls
          hasPicture={view.liveness !== null}
          scale={zoom.view.scale}
          isFull={isFull}
          showsFigures={showsFigures}
          onWhole={zoom.reset}
          onPlay={insist}
          onTryVideo={view.isFallen ? () => actions?.retry() : null}
          onGoLive={view.canGoLive ? goLive : null}
          onSave={() => void save()}
          onInset={view.isVideo ? toggleInset : null}
          onFigures={toggleFigures}
          onFull={toggleFull}
        />
        <p className={styles.said}>{said}</p>
      </Picture>
      {showsFigures ? (
        <div className={styles.figures}>
          <Suspense>
            <StatsPanel camera={camera} name={name} />
          </Suspense>
        </div>
      ) : null}
    </div>
  );
}

/** Of a video it is now. */
const takenAt = (liveness: Liveness | null): Date => new Date(liveness !== null && 'pictureMs' in liveness ? (liveness.pictureMs ?? Date.now()) : Date.now());

/** On which rung it plays, where that is not the first. */
function Notes({ camera: { view, insist } }: { readonly camera: CameraHandle }) {
  const note = insist !== null ? words.stillsOnly : !view.isFallen ? null : view.state.kind === 'stills' ? words.fallen : words.deliveries[view.delivery];
  return note === null ? null : <p className={styles.note}>{note}</p>;
}

/** Words that go by themselves. */
function useMomentary(): readonly [string, (words: string) => void] {
  const [said, setSaid] = useState('');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const say = useCallback((next: string) => {
    clearTimeout(timer.current);
    setSaid(next);
    timer.current = setTimeout(setSaid, sayForMs, '');
  }, []);
  return [said, say];
}
