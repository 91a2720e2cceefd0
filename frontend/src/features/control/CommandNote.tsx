import { useSpoken } from '@/base/speech';
import { texts } from '@/texts';
import { Icon } from '@/ui/Icon';
import styles from './CommandNote.module.css';
import { type CommandState, sentenceFor } from './commandState';

interface Props {
  readonly commandState: CommandState;
  /** Why something is switched off; said while there is nothing else to say. */
  readonly reason: string | null;
  readonly onDismiss: () => void;
}

/** Where a command is on its way, or else why something is switched off. */
export function CommandNote({ commandState, reason, onDismiss }: Props) {
  const told = sentenceFor(commandState);
  const stays = commandState.kind === 'refused' || commandState.kind === 'unanswered' || (commandState.kind === 'accepted' && commandState.late);
  useSpoken(told);
  return (
    <div className={styles.note} data-in-hand={commandState.kind !== 'none'} data-kind={commandState.kind} data-empty={told === null && reason === null}>
      {told !== null || reason !== null ? <p>{told ?? reason}</p> : null}
      {stays ? (
        <button type="button" className={styles.dismiss} aria-label={texts.control.dismiss} onClick={onDismiss}>
          <Icon name="cross" size={18} />
        </button>
      ) : null}
    </div>
  );
}
