/** The language of the tests. */
import { speak } from '.';
import { texts } from './en';

speak(texts);
