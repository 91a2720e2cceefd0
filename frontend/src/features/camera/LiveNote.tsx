import { useChoice } from '@/browser/deviceChoice';
import { picturesChoice, useLiveCount } from './budget/liveBudget';
import { texts } from '@/texts';
import styles from './LiveNote.module.css';

const words = texts.camera;

/** Says how many cameras of this page play and why not more. Its switch leaves only stills. */
export function LiveNote() {
  const { live, wanted, reason } = useLiveCount();
  const stillsOnly = useChoice(picturesChoice) === 'stills';
  return (
    <div className={styles.note}>
      {/* Its width changes as tiles come and go: nothing beside it may move. */}
      <p className={styles.words} data-live={live} data-wanted={wanted}>
        {wanted === 0 || stillsOnly ? null : <strong>{words.liveOf(live, wanted)}</strong>} {reason === null ? null : words.fewer[reason]}
      </p>
      <label className={styles.choice}>
        <input type="checkbox" checked={stillsOnly} onChange={({ target }) => picturesChoice.choose(target.checked ? 'stills' : 'live')} />
        {words.stillsOnly}
      </label>
    </div>
  );
}
