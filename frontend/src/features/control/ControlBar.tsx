import type { ReactNode } from 'react';
import type { Status } from '@/api/status';
import { useConnection, useStatus } from '@/fleet/fleetStore';
import { useAtTime } from '@/fleet/freshness';
import { useShortcut } from '@/browser/shortcuts';
import { texts } from '@/texts';
import { Icon } from '@/ui/Icon';
import { CommandNote } from './CommandNote';
import styles from './ControlBar.module.css';
import { ControlButton } from './ControlButton';
import { StopDialog } from './StopDialog';
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

/** Pause or resume, light, stop. Each shows what the printer reports, and nothing is shown before its first report. */
export function ControlBar({ id, name, picture }: Props) {
  const status = useStatus(id);
  return status === null ? null : <Bar id={id} name={name} picture={picture} status={status} />;
}

function Bar({ id, name, picture, status }: Props & { readonly status: Status }) {
  const { kind } = useConnection();
  const now = useAtTime((nowMs) => nowMs);
  const controls = controlsFor(status, kind, now);
  const command = useCommand(id, status);
  const { commandState, send, dismiss } = command;
  const stopping = useStop(status, controls, command);
  const { turn, light, canTurn, canLight, canStop } = controls;
  const { isSending, type } = underWay(commandState);
  const toggleLight = () => send({ type: 'light', on: light !== true }, null);
  const canToggleLight = light !== null && canLight && !isSending && type !== 'light';
  useShortcut('t', words.lightKey, toggleLight, canToggleLight);
  return (
    <section className={styles.bar} aria-label={words.title}>
      <CommandNote commandState={stopping.question === null ? commandState : nothing} reason={controls.reason} onDismiss={dismiss} />
      <div className={styles.buttons}>
        <ControlButton
          look="primary"
          className={styles.turn}
          off={!canTurn || isSending || type === turn}
          busy={type === turn}
          onPress={() => send({ type: turn }, status.job.id)}
        >
          <Icon name={turn === 'pause' ? 'pause' : 'play'} />
          {words[turn]}
        </ControlButton>
        {light === null ? null : (
          <ControlButton look="plain" isOn={light} off={!canToggleLight} busy={type === 'light'} onPress={toggleLight}>
            <Icon name="light" />
            {words.light}
          </ControlButton>
        )}
        <ControlButton look="plain" className={styles.stop} off={!canStop || isSending || type === 'stop'} busy={type === 'stop'} onPress={stopping.ask}>
          <Icon name="stop" />
          {words.stop}
        </ControlButton>
      </div>
      {stopping.question === null ? null : <StopDialog name={name} picture={picture} status={status} question={stopping.question} />}
    </section>
  );
}
