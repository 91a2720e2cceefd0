import type { ReactNode } from 'react';
import { texts } from '@/texts';
import { upToTenths } from '@/texts/format';
import { Button } from '@/ui/Button';
import { Icon, type IconName } from '@/ui/Icon';
import styles from './Stage.module.css';

const words = texts.camera;

interface Props {
  readonly hasPicture: boolean;
  readonly scale: number;
  readonly isFull: boolean;
  readonly showsFigures: boolean;
  readonly onWhole: () => void;
  /** Each is `null` where it cannot be done. */
  readonly onPlay: (() => void) | null;
  readonly onTryVideo: (() => void) | null;
  readonly onGoLive: (() => void) | null;
  readonly onInset: (() => void) | null;
  readonly onFull: (() => void) | null;
  readonly onSave: () => void;
  readonly onFigures: () => void;
}

/** The buttons on the stage, most particular first. */
export function StageControls(props: Props) {
  const { hasPicture, scale, isFull, showsFigures, onWhole, onPlay, onTryVideo, onGoLive, onInset, onSave, onFigures, onFull } = props;
  return (
    <div className={styles.controls}>
      {scale > 1 ? (
        <Control icon="whole" label={words.wholePicture} onClick={onWhole}>
          {words.zoom(upToTenths(scale))}
        </Control>
      ) : null}
      {onPlay === null ? null : (
        <Control icon="play" onClick={onPlay}>
          {words.playAnyway}
        </Control>
      )}
      {onTryVideo === null ? null : (
        <Control icon="play" onClick={onTryVideo}>
          {words.tryVideo}
        </Control>
      )}
      {onGoLive === null ? null : (
        <Control icon="forward" onClick={onGoLive}>
          {words.goLive}
        </Control>
      )}
      {hasPicture ? <Control icon="photo" label={words.snapshot} onClick={onSave} /> : null}
      {onInset === null ? null : <Control icon="inset" label={words.pictureInPicture} onClick={onInset} />}
      <Control icon="figures" label={words.figures} pressed={showsFigures} onClick={onFigures} />
      {onFull === null ? null : <Control icon={isFull ? 'shrink' : 'expand'} label={isFull ? words.leaveFullscreen : words.fullscreen} onClick={onFull} />}
    </div>
  );
}

interface ControlProps {
  readonly icon: IconName;
  /** For one that has no words on it, or not enough. */
  readonly label?: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
  readonly children?: ReactNode;
}

const Control = ({ icon, label, pressed, onClick, children }: ControlProps) => (
  <Button look="screen" className={styles.control} aria-label={label} title={label} aria-pressed={pressed} onClick={onClick}>
    <Icon name={icon} />
    {children}
  </Button>
);
