import { afterEach, expect, it, vi } from 'vitest';
import { catalogueFor, catalogues, localeOf } from '.';
import { texts } from './en';

afterEach(() => vi.unstubAllGlobals());

it('the language is the first of the person’s that there is, and English for everybody else', () => {
  expect(catalogueFor(['fr-FR', 'en-GB'])).toBe(catalogues.en);
  expect(catalogueFor(['fr'])).toBe(catalogues.en);
  expect(catalogueFor([])).toBe(catalogues.en);
});

it('moments are written as in the person’s own variety of the language', () => {
  expect(localeOf(texts, ['fr-FR', 'en-GB', 'en-US'])).toBe('en-GB');
  expect(localeOf(texts, ['fr-FR'])).toBe('en');
});
