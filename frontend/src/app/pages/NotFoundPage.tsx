import { Link } from 'wouter';
import { paths } from '@/browser/paths';
import { texts } from '@/texts';
import { buttonClass } from '@/ui/Button';
import styles from '@/app/pages.module.css';
import { usePageTitle } from '@/app/usePageTitle';

export function NotFoundPage() {
  usePageTitle(texts.app.notFound);
  return (
    <section className={styles.lost}>
      <h1>{texts.app.notFound}</h1>
      <p>{texts.app.notFoundMore}</p>
      <Link href={paths.wall} className={buttonClass('plain')}>
        {texts.app.toHome}
      </Link>
    </section>
  );
}
