import styles from './Picture.module.css';

/** An element that a source draws on. The name of the picture belongs to the frame around it. */
export function layerOf<Name extends 'canvas' | 'video'>(name: Name): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.className = styles.picture ?? '';
  element.setAttribute('aria-hidden', 'true');
  return element;
}
