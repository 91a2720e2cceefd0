import { type ReactNode, useId } from 'react';
import type { Status } from '@/api/status';
import { useConnection, useStatus } from '@/fleet/fleetStore';
import { useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts';
import { Icon } from '@/ui/Icon';
import { Menu } from '@/ui/Menu';
import { CommandNote } from './CommandNote';
import { ControlButton } from './ControlButton';
import { StopDialog } from './StopDialog';
import styles from './TileControls.module.css';
import { controlsFor } from './controls';
import { nothing, underWay } from './commandState';
import { useCommand } from './useCommand';
import { useStop } from './useStop';

const words = texts.control;

interface Props {
  readonly id: number;
  readonly name: string;
  /** The printer's picture, for the question about stopping. Rendered when the question is asked. */
  readonly picture: ReactNode;
}

/** What one can do from the wall. Stop lies in the menu, never beside Pause; a printer that takes nothing has no buttons. */
export function TileControls({ id, name, picture }: Props) {
  const status = useStatus(id);
  return status === null ? null : <Tile id={id} name={name} picture={picture} status={status} />;
}

function Tile({ id, name, picture, status }: Props & { readonly status: Status }) {
  const reasonId = useId();
  const { kind } = useConnection();
  const now = useAtTime((nowMs) => nowMs);
  const controls = controlsFor(status, kind, now);
  const command = useCommand(id, status);
  const { commandState, send, dismiss } = command;
  const stopping = useStop(status, controls, command);
  const { turn, light, canTurn, canLight, canStop, reason, hasJob } = controls;
  const { isSending, type } = underWay(commandState);
  const asks = stopping.question !== null;
  if (!hasJob && !canLight && commandState.kind === 'none' && !asks) {
    return null;
  }
  return (
    <fieldset className={styles.controls} aria-label={words.of(name)}>
      <div className={styles.buttons}>
        {hasJob ? (
          <ControlButton
            look="screen"
            className={styles.turn}
            off={!canTurn || isSending || type === turn}
            busy={type === turn}
            describedBy={reason === null ? undefined : reasonId}
            onPress={() => send({ type: turn }, status.job.id)}
          >
            <Icon name={turn === 'pause' ? 'pause' : 'play'} />
            <span className="spoken">{words[turn]}</span>
          </ControlButton>
        ) : null}
        <Menu label={words.more(name)} look="screen">
          {reason === null ? null : (
            <p id={reasonId} className={styles.reason}>
              {reason}
            </p>
          )}
          {light === null ? null : (
            <ControlButton
              look="quiet"
              isOn={light}
              off={!canLight || isSending || type === 'light'}
              busy={type === 'light'}
              onPress={() => send({ type: 'light', on: !light }, null)}
            >
              <Icon name="light" />
              {words.light}
            </ControlButton>
          )}
          {hasJob ? (
            <ControlButton look="quiet" className={styles.stop} off={!canStop || isSending || type === 'stop'} busy={type === 'stop'} onPress={stopping.ask}>
              <Icon name="stop" />
              {words.stop}
            </ControlButton>
          ) : null}
        </Menu>
      </div>
      <div className={styles.told}>
        <CommandNote commandState={asks ? nothing : commandState} reason={null} onDismiss={dismiss} />
      </div>
      {stopping.question === null ? null : <StopDialog name={name} picture={picture} status={status} question={stopping.question} />}
    </fieldset>
  );
}
