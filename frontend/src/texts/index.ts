/**
 * The words of the page, in one language at a time. `main` chooses it before it loads anything that speaks, so that whoever
 * imports `texts` has the words already; another language is another load of the page.
 */
import type * as en from './en';

/** English is what every catalogue has to have. */
export type Texts = typeof en.texts;

type Catalogue = () => Promise<{ readonly texts: Texts }>;

const english: Catalogue = () => import('./en');

/** A language is a file that has all of `Texts`, and a line here. */
export const catalogues: Readonly<Record<string, Catalogue>> = {
  en: english,
};

export let texts: Texts;

export function speak(chosen: Texts): void {
  texts = chosen;
}

const languageOf = (locale: string): string => locale.split('-', 1)[0]?.toLowerCase() ?? '';

/** That of the first of the person's languages that has one. */
export const catalogueFor = (languages: readonly string[]): Catalogue =>
  languages.map((language) => catalogues[language] ?? catalogues[languageOf(language)]).find((catalogue) => catalogue !== undefined) ?? english;

/** How the person writes times and dates: their own variety of the language that the page speaks. */
export const localeOf = ({ locale }: Texts, languages: readonly string[]): string =>
  languages.find((language) => languageOf(language) === languageOf(locale)) ?? locale;
