import { texts } from '@/texts';
import details from '@/ui/Details.module.css';
import styles from './WhereToFind.module.css';

const words = texts.form;

/** Where each printer shows what is asked for, in words, since every family has its own menus. */
export function WhereToFind() {
  return (
    <details className={`${details.details} ${styles.where}`}>
      <summary>{words.where}</summary>
      <div className={styles.families}>
        {words.families.map(({ models, host, serial, accessCode }) => (
          <section key={models}>
            <h2>{models}</h2>
            <dl>
              <dt>{words.host}</dt>
              <dd>{host}</dd>
              <dt>{words.serial}</dt>
              <dd>{serial}</dd>
              <dt>{words.accessCode}</dt>
              <dd>{accessCode}</dd>
            </dl>
          </section>
        ))}
        <p>{words.whereNote}</p>
      </div>
    </details>
  );
}
