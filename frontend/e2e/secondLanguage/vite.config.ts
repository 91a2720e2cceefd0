/** The page with a second language: its file, and its line in `texts/index`. */
import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vite';
import page from '../../vite.config';

const catalogue = fileURLToPath(new URL('./catalogue.ts', import.meta.url));

export default mergeConfig(page, {
  plugins: [
    {
      name: 'second-language',
      enforce: 'pre',
      transform: (code: string, id: string) => (id.endsWith('/src/texts/index.ts') ? code.replace('  en: english,\n', `$&  de: () => import(${JSON.stringify(catalogue)}),\n`) : null),
    },
  ],
});
