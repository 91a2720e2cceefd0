import { expect, it } from 'vitest';
import { fileName } from './pictureFile';

it.each([
  ['Garage X1C', 47, 'Garage-X1C_2026-01-08_20-05-07_47-percent.jpg'],
  ['../Büro: "P1S" ', 0, 'Büro-P1S_2026-01-08_20-05-07_0-percent.jpg'],
  ['🖨', null, 'printer_2026-01-08_20-05-07.jpg'],
])('a picture of %s at %s per cent is called %s', (printer, percent, expected) => {
  expect(fileName(printer, new Date(2026, 0, 8, 20, 5, 7), percent)).toBe(expected);
});
