import type { Language } from '../language.ts';
import { danish } from './da.ts';
import { english } from './en.ts';
import { finnish } from './fi.ts';
import { norwegian } from './nb.ts';
import { swedish } from './sv.ts';
import type { Texts } from './texts.ts';

/** The texts of every language. */
export const CATALOGUES: Readonly<Record<Language, Texts>> = {
  en: english,
  nb: norwegian,
  sv: swedish,
  da: danish,
  fi: finnish,
};
