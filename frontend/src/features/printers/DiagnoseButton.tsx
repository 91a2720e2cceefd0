import type { ComponentProps } from 'react';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import { type Diagnosed, diagnose } from './diagnosing';

type Props = Diagnosed & Pick<ComponentProps<typeof Button>, 'look' | 'className'> & { readonly label?: string };

/** Opens the stages of a printer: where it does not work, and what to do. */
export function DiagnoseButton({ id, name, label = texts.diagnose.open, ...rest }: Props) {
  const labelOfName = texts.diagnose.openOf(label, name);
  return (
    <Button {...rest} aria-label={labelOfName} title={labelOfName} onClick={() => diagnose({ id, name })}>
      <Icon name="test" size={18} />
      <span>{label}</span>
    </Button>
  );
}
