import { useChoice } from '@/browser/deviceChoice';
import { shortcutsChoice, useShortcuts } from '@/browser/shortcuts';
import { themeChoice } from '@/browser/theme';
import { texts } from '@/texts';
import { Segments } from '@/ui/Segments';
import { Sheet } from '@/ui/Sheet';
import styles from './DeviceSheet.module.css';

const words = texts.device;

/** What is chosen for this device alone, and which keys do something here. */
export function DeviceSheet({ onClose }: { readonly onClose: () => void }) {
  return (
    <Sheet title={words.title} onClose={onClose}>
      <Segments title={words.theme} choices={themeChoice.words} words={words.themes} value={useChoice(themeChoice)} onChoose={(theme) => themeChoice.choose(theme)} />
      <Keys />
      <p className={styles.note}>{words.kept}</p>
    </Sheet>
  );
}

function Keys() {
  const on = useChoice(shortcutsChoice) === 'on';
  // Two keys that do the same are one line.
  const lines = new Map<string, string[]>();
  for (const { key, does } of useShortcuts()) {
    lines.set(does, [...(lines.get(does) ?? []), words.keyNames[key] ?? key]);
  }
  return (
    <section className={styles.keys}>
      <h3>{words.keys}</h3>
      <label className={styles.switch}>
        <input type="checkbox" role="switch" aria-checked={on} checked={on} onChange={({ target }) => shortcutsChoice.choose(target.checked ? 'on' : 'off')} />
        <span>
          {words.keysOn}
          <small>{words.keysWhy}</small>
        </span>
      </label>
      <dl className={styles.list} data-off={!on}>
        {[...lines].map(([does, keys]) => (
          <div key={does} className={styles.line}>
            <dt>{does}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key.length === 1 ? key.toUpperCase() : key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
