import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.tsx'))
  .map(file => join(root, file));

/** Returns the classes that a component asks its style sheets for and that are not there. A build says nothing of them. */
function missing(source: string): string[] {
  const text = readFileSync(source, 'utf8');
  return [...text.matchAll(/import (\w+) from '(\.[^']+\.module\.css)'/gu)].flatMap(([, name = '', sheet = '']) => {
    const css = readFileSync(join(dirname(source), sheet), 'utf8');
    const asked = new Set([...text.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, 'gu'))].map(([, word = '']) => word));
    return [...asked].filter(word => word !== 'module' && !new RegExp(`\\.${word}\\b`, 'u').test(css)).map(word => `${relative(root, source)}: .${word}`);
  });
}

describe('a component', () => {
  it('asks its style sheet only for classes that are there', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.flatMap(missing)).toEqual([]);
  });
});
