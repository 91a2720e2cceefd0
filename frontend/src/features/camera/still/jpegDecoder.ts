/** Makes a picture of a JPEG. It is decoded before anything is drawn, so the picture before it stays until then. */
import type { decode } from './decoder';

let scratch: HTMLCanvasElement | null = null;

/** As `decode` of a film. A JPEG that cannot be decoded is an error, and the next one may be better. */
export const decodeJpeg: typeof decode = async (jpeg, widthFor, draw, signal) => {
  const bitmap = await createImageBitmap(jpeg);
  try {
    if (signal.aborted || bitmap.width === 0) {
      return;
    }
    scratch ??= document.createElement('canvas');
    scratch.width = widthFor(bitmap.width);
    scratch.height = Math.round((scratch.width * bitmap.height) / bitmap.width);
    scratch.getContext('2d')?.drawImage(bitmap, 0, 0, scratch.width, scratch.height);
    draw(scratch);
  } finally {
    bitmap.close();
  }
};
