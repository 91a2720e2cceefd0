import { type CameraCondition, cameraCondition } from '@/api/cameraCondition';
import { useCameraReport, useField } from '@/fleet/fleetStore';
import { texts } from '@/texts';
import { Icon, type IconName } from '@/ui/Icon';
import styles from './PrinterLinks.module.css';
import { modelOf } from '@/fleet/models';

const words = texts.printers;

/** What the printer says it is, else what its serial number says. */
export const usePrinterModel = (id: number, serial: string): string | null => useField(id, 'model') ?? modelOf(serial);

type Tone = 'good' | 'bad' | 'absent' | 'unknown';
const signs: Readonly<Record<Tone, IconName>> = { good: 'check', bad: 'warning', absent: 'minus', unknown: 'hourglass' };
const cameraTones: Readonly<Record<CameraCondition, Tone>> = { live: 'good', starting: 'unknown', failing: 'bad', off: 'absent', none: 'absent', updating: 'unknown' };

/** The two links that the service keeps to a printer, told apart. */
export function PrinterLinks({ id }: { readonly id: number }) {
  const connected = useField(id, 'connected');
  const link = useField(id, 'link');
  const camera = useCameraReport(id);
  return (
    <ul className={styles.links}>
      <OneLink label={words.links.printer} tone={connected === null ? 'unknown' : connected ? 'good' : 'bad'} sentence={link?.sentence ?? ''} />
      <OneLink
        label={words.links.camera}
        tone={camera === null ? 'unknown' : cameraTones[cameraCondition(camera)]}
        sentence={camera?.sentence ?? ''}
      />
    </ul>
  );
}

function OneLink({ label, tone, sentence }: { readonly label: string; readonly tone: Tone; readonly sentence: string }) {
  return (
    <li className={styles.link} data-tone={tone}>
      <span className={styles.sign}>
        <Icon name={signs[tone]} size={18} />
      </span>
      <span className={styles.label}>{label}</span>
      <span>{sentence === '' ? words.linkUnknown : sentence}</span>
    </li>
  );
}
