import type { ComponentProps } from 'react';
import styles from './Button.module.css';

/** `screen`: on a picture, where it looks the same in both themes. */
export type Look = 'primary' | 'plain' | 'danger' | 'quiet' | 'screen';

/** The classes of a button, for links that look like one. */
export const buttonClass = (look: Look): string => `${styles.button} ${styles[look]}`;

export function Button({ look = 'plain', type = 'button', className = '', ...rest }: ComponentProps<'button'> & { look?: Look }) {
  return <button type={type} className={`${buttonClass(look)} ${className}`} {...rest} />;
}
