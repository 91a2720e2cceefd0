/** The picture as a file for the person. */

const type = 'image/jpeg';
const quality = 0.95;

const two = (n: number): string => String(n).padStart(2, '0');

/** `Garage-X1C_2026-01-18_20-15-07_47-percent.jpg`: sorted by name they are sorted by time. */
export function fileName(printer: string, at: Date, percent: number | null): string {
  const name = printer.normalize('NFC').replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-+|-+$/gu, '') || 'printer';
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const clock = `${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}`;
  return `${[name, day, clock, ...(percent === null ? [] : [`${percent}-percent`])].join('_')}.jpg`;
}

/** Gives the person the file that the camera sent or else what the source shows; `false` where there is nothing to give. */
export async function savePicture(source: HTMLVideoElement | HTMLCanvasElement, sent: Blob | null, name: string): Promise<boolean> {
  const picture = sent ?? (await pictureOf(source));
  if (picture === null) {
    return false;
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(picture);
  link.download = name;
  link.click();
  // The browser reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return true;
}

async function pictureOf(source: HTMLVideoElement | HTMLCanvasElement): Promise<Blob | null> {
  const [width, height] = source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height];
  if (width === 0 || height === 0) {
    return null;
  }
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.drawImage(source, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}
