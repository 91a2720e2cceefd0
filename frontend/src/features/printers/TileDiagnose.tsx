import { useFailing } from '@/fleet/failing';
import { DiagnoseButton } from './DiagnoseButton';
import type { Diagnosed } from './diagnosing';
import styles from './TileDiagnose.module.css';

/** Offered where a printer or its camera fails, on its picture or in its line of the list; its word only where there is room. */
export function TileDiagnose({ id, name, look }: Diagnosed & { readonly look: 'screen' | 'quiet' }) {
  return useFailing(id) ? <DiagnoseButton id={id} name={name} look={look} className={look === 'screen' ? styles.onPicture : styles.inLine} /> : null;
}
