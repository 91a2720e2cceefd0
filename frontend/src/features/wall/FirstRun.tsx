import { Link } from 'wouter';
import { paths } from '@/browser/paths';
import { texts } from '@/texts';
import { buttonClass } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import surface from '@/ui/Surface.module.css';
import styles from './FirstRun.module.css';

/** The wall before there is a printer. */
export function FirstRun() {
  return (
    <section className={`${surface.surface} ${styles.card}`}>
      <span className={styles.sign}>
        <Icon name="camera" size={36} />
      </span>
      <h1>{texts.wall.emptyTitle}</h1>
      <p className={styles.text}>{texts.wall.emptyText}</p>
      <ol className={styles.steps}>
        {texts.wall.emptySteps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <Link href={paths.addPrinter} className={buttonClass('primary')}>
        <Icon name="plus" />
        {texts.wall.emptyStart}
      </Link>
    </section>
  );
}
