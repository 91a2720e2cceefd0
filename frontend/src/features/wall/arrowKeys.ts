/** Which tile the arrow keys go to. Pure. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const arrows = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'] as const;
export type Arrow = (typeof arrows)[number];

export const isArrow = (key: string): key is Arrow => arrows.some((arrow) => arrow === key);

/** Where the key leads from `from`; where it leads nowhere, it stays. */
export function arrowTarget(boxes: readonly Box[], from: number, key: Arrow): number {
  const last = boxes.length - 1;
  switch (key) {
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'ArrowLeft':
      return Math.max(0, from - 1);
    case 'ArrowRight':
      return Math.min(last, from + 1);
    case 'ArrowUp':
    case 'ArrowDown':
      return inNextRow(boxes, from, key === 'ArrowUp' ? -1 : 1);
  }
}

/** The one straight above or below: in the nearest row, the one whose middle is nearest. */
function inNextRow(boxes: readonly Box[], from: number, sign: 1 | -1): number {
  const here = boxes[from];
  if (here === undefined) {
    return from;
  }
  const distance = (box: Box): number => {
    const down = sign * (box.top - here.top);
    const aside = Math.abs(box.left + box.width / 2 - here.left - here.width / 2);
    return down > 1 ? down * 10 + aside : Infinity;
  };
  const [nearest] = boxes.map((box, index) => ({ index, far: distance(box) })).toSorted((a, b) => a.far - b.far);
  return nearest === undefined || nearest.far === Infinity ? from : nearest.index;
}
