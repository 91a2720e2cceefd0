import { type ReactNode, useState } from 'react';
import type { Command } from '@/api/commands';
import type { Status } from '@/api/status';
import { useConnection, useStatus } from '@/state/fleetStore';
import { useAtTime } from '@/state/freshness';
import { texts } from '@/texts/en';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import styles from './ControlBar.module.css';
import { type Meant, controlsFor, whyMoot } from './controls';
import { StopDialog } from './StopDialog';
import { type Story, sentenceFor } from './story';
import { useCommand } from './useCommand';

const words = texts.control;

interface Props {
  readonly id: number;
  readonly name: string;
  /** The printer's picture, for the question about stopping. Rendered when the question is asked. */
  readonly picture: ReactNode;
}

/** Pause or resume, light, stop: what each did is the printer's to say. Nothing is shown before the printer was heard. */
export function ControlBar({ id, name, picture }: Props) {
  const status = useStatus(id);
  return status === null ? null : <Bar id={id} name={name} picture={picture} status={status} />;
}

function Bar({ id, name, picture, status }: Props & { readonly status: Status }) {
  const { kind } = useConnection();
  const controls = controlsFor(status, kind, useAtTime((now) => now));
  const { story, send, moot, dismiss } = useCommand(id, status);
  const [meant, setMeant] = useState<Meant | null>(null);
  const sending = story.kind === 'sent';
  const waiting = story.kind === 'accepted' && !story.late ? story.command.type : null;

  const why = meant === null ? null : whyMoot(meant, status, controls);
  if (why !== null) {
    setMeant(null);
    moot(why);
  }

  const { turn, light } = controls;
  const is = (type: Command['type']) => (sending && story.command.type === type) || waiting === type;
  return (
    <section className={styles.bar} aria-label={words.title}>
      <Note story={story} reason={controls.reason} onDismiss={dismiss} />
      <div className={styles.buttons}>
        <Control
          look="primary"
          className={styles.turn}
          off={!controls.canTurn || sending || waiting === turn}
          busy={is(turn)}
          onPress={() => send({ type: turn }, status.job.id)}
        >
          <Icon name={turn === 'pause' ? 'pause' : 'play'} />
          {words[turn]}
        </Control>
        {light === null ? null : (
          <Control
            look="plain"
            isOn={light}
            off={!controls.canLight || sending || waiting === 'light'}
            busy={is('light')}
            onPress={() => send({ type: 'light', on: !light }, null)}
          >
            <Icon name="light" />
            {words.light}
          </Control>
        )}
        <Control
          look="plain"
          className={styles.stop}
          off={!controls.canStop || sending || waiting === 'stop'}
          busy={is('stop')}
          onPress={() => setMeant({ id: status.job.id, name: status.job.name })}
        >
          <Icon name="stop" />
          {words.stop}
        </Control>
      </div>
      {meant === null || why !== null ? null : (
        <StopDialog
          name={name}
          picture={picture}
          status={status}
          onKeep={() => setMeant(null)}
          onStop={() => {
            setMeant(null);
            send({ type: 'stop' }, meant.id);
          }}
        />
      )}
    </section>
  );
}

interface ControlProps {
  readonly look: 'primary' | 'plain';
  readonly className?: string | undefined;
  /** Only a switch is on or off. */
  readonly isOn?: boolean;
  readonly off: boolean;
  readonly busy: boolean;
  readonly onPress: () => void;
  readonly children: ReactNode;
}

/** Switched off it keeps the focus: it would be lost between a press and its answer. */
function Control({ look, className = '', isOn, off, busy, onPress, children }: ControlProps) {
  const asSwitch = isOn === undefined ? {} : { role: 'switch', 'aria-checked': isOn };
  return (
    <Button
      look={look}
      className={`${styles.control} ${className}`}
      aria-disabled={off}
      aria-busy={busy}
      onClick={() => {
        if (!off) {
          onPress();
        }
      }}
      {...asSwitch}
    >
      {children}
    </Button>
  );
}

/** Where a command is on its way, or else why something is switched off. */
function Note({ story, reason, onDismiss }: { readonly story: Story; readonly reason: string | null; readonly onDismiss: () => void }) {
  const told = sentenceFor(story);
  const stays = story.kind === 'refused' || story.kind === 'unanswered' || (story.kind === 'accepted' && story.late);
  return (
    <div className={styles.note} data-kind={story.kind} data-empty={told === null && reason === null}>
      <output className={styles.told}>{told}</output>
      {told === null && reason !== null ? <p>{reason}</p> : null}
      {stays ? (
        <button type="button" className={styles.dismiss} aria-label={words.dismiss} onClick={onDismiss}>
          <Icon name="cross" size={18} />
        </button>
      ) : null}
    </div>
  );
}
