/** Where one looks in a picture, and how closely. Pure. Lengths are in widths and heights of the frame. */

export interface View {
  readonly scale: number;
  /** How far the picture's corner is moved; never so that something beside the picture is seen. */
  readonly x: number;
  readonly y: number;
}

export const whole: View = { scale: 1, x: 0, y: 0 };
const closest = 6;

const clamp = (value: number, lowest: number, highest: number): number => Math.min(highest, Math.max(lowest, value));

const within = ({ scale, x, y }: View): View => ({ scale, x: clamp(x, 1 - scale, 0), y: clamp(y, 1 - scale, 0) });

/** So much closer, while what is at (`atX`, `atY`) stays there. */
export function zoomed({ scale, x, y }: View, factor: number, atX: number, atY: number): View {
  const next = clamp(scale * factor, 1, closest);
  const grown = next / scale;
  return within({ scale: next, x: atX - (atX - x) * grown, y: atY - (atY - y) * grown });
}

export const moved = ({ scale, x, y }: View, byX: number, byY: number): View => within({ scale, x: x + byX, y: y + byY });
