/** Our own icons, 24 × 24, one stroke. They are always beside a word or inside a labelled button, so screen readers skip them. */
const paths = {
  search: 'M10.5 4.5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15 15l5 5',
  grid: 'M4.5 4.5h6v6h-6zM13.5 4.5h6v6h-6zM4.5 13.5h6v6h-6zM13.5 13.5h6v6h-6z',
  list: 'M4.5 6h3M10.5 6h9M4.5 12h3M10.5 12h9M4.5 18h3M10.5 18h9',
  printer: 'M4.5 4.5h15v15h-15zM4.5 8.5h15M12 8.5v4M8 16.5h8',
  settings: 'M4 8h8M18 8h2M15 5.2a2.8 2.8 0 1 1 0 5.6a2.8 2.8 0 0 1 0-5.6zM4 16h2M12 16h8M9 13.2a2.8 2.8 0 1 1 0 5.6a2.8 2.8 0 0 1 0-5.6z',
  plus: 'M12 5v14M5 12h14',
  back: 'M15 5l-7 7 7 7',
  edit: 'M4 20h4L19 9l-4-4L4 16v4zM13 7l4 4',
  expand: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  shrink: 'M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5',
  play: 'M8 5.5v13l10.5-6.5z',
  camera: 'M3.5 8a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2zM16.5 10.5l4-2.5v8l-4-2.5',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7',
  pause: 'M8 5.5v13M16 5.5v13',
  stop: 'M6.5 6.5h11v11h-11z',
  light: 'M9 17.5h6M10 20.5h4M12 3.5a5.8 5.8 0 0 0-3.6 10.4c.8.7 1.1 1.4 1.1 2.1v1.5h5V16c0-.7.3-1.4 1.1-2.1A5.8 5.8 0 0 0 12 3.5z',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  warning: 'M12 4.5L21 19.5H3zM12 10v4.5M12 17v.2',
  failed: 'M8.3 3.5h7.4l4.8 4.8v7.4l-4.8 4.8H8.3l-4.8-4.8V8.3zM12 7.8v5M12 16v.2',
  cross: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  hourglass: 'M7 4h10M7 20h10M8 4c0 5 3 5.5 4 8-1 2.5-4 3-4 8M16 4c0 5-3 5.5-4 8 1 2.5 4 3 4 8',
  info: 'M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 11v5M12 8v.2',
  question: 'M9 9.2a3.1 3.1 0 1 1 4.4 2.9c-.9.4-1.4 1-1.4 1.9M12 17.2v.2',
  dots: 'M12 5.5v.1M12 12v.1M12 18.5v.1',
  minus: 'M6 12h12',
  copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
  test: 'M3 12h4l3-7 4 14 3-7h4',
  ring: 'M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14z',
  nozzle: 'M7 4h10v6l-3 3v3l-2 3.5-2-3.5v-3l-3-3z',
  bed: 'M3.5 17.5h17M6 13.5c1-1.5-1-2.5 0-4M12 13.5c1-1.5-1-2.5 0-4M18 13.5c1-1.5-1-2.5 0-4',
  chamber: 'M5 4.5h14v15H5zM8 8h8v8H8z',
  link: 'M10 5H5v14h14v-5M14 4.5h5.5V10M19 5l-8 8',
  photo: 'M4 8.5h3.5L9 6h6l1.5 2.5H20V19H4zM12 10.2a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4z',
  inset: 'M3.5 5.5h17v13h-17zM12 12h6v4h-6z',
  figures: 'M5 19.5v-6M10 19.5v-11M15 19.5v-8M20 19.5v-15',
  whole: 'M10.5 4.5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15 15l5 5M8 10.5h5',
  forward: 'M5 6l7 6-7 6zM13 6l7 6-7 6z',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
