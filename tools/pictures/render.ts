/**
 * Renders the pictures of the documentation: each docs/pictures/*.dot to an SVG file of the same name.
 *
 *   npx tsx tools/pictures/render.ts
 *
 * Needs graphviz and a font with the metrics of Arial; on Debian: apt-get install graphviz fonts-liberation
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

const PICTURES = path.join(__dirname, '..', '..', 'docs', 'pictures');

/** Pages show pictures no wider than this. */
const MAX_WIDTH = 900;

/** Readers may have any of these; all have the metrics that the boxes are measured with. */
const FONTS = 'Arial, Helvetica, Liberation Sans, sans-serif';

function render(file: string): void {
  const source = path.join(PICTURES, file);
  const [, title] = /^\/\/ Title: (.+)$/m.exec(readFileSync(source, 'utf8')) ?? [];
  if (title === undefined) throw new Error(`${file} has no line "// Title: ..."`);
  const svg = cleaned(execFileSync('dot', ['-Tsvg', source], { encoding: 'utf8' }), title);
  const [, width] = /^<svg width="(\d+)"/m.exec(svg) ?? [];
  if (!(Number(width) <= MAX_WIDTH)) throw new Error(`${file} is ${width} pixels wide; the limit is ${MAX_WIDTH}`);
  writeFileSync(source.replace(/\.dot$/, '.svg'), svg);
}

/** Removes comments, which name the version of graphviz, and titles, which browsers show as tooltips. */
function cleaned(svg: string, title: string): string {
  return svg
    .replace(/<!DOCTYPE[^>]*>\n/, '')
    .replace(/<!--[^]*?-->\n/g, '')
    .replace(/<title>.*<\/title>\n/g, '')
    .replace(/ xmlns:xlink="[^"]*"/, '')
    .replace(/<svg width="(\d+)pt" height="(\d+)pt"/, '<svg width="$1" height="$2" role="img"')
    .replace(/(<svg[^>]*>\n)/, `$1<title>${title}</title>\n`)
    .replaceAll('font-family="Arial"', `font-family="${FONTS}"`)
    .replaceAll('stroke="transparent"', 'stroke="none"');
}

const font = execFileSync('fc-match', ['Arial'], { encoding: 'utf8' });
if (!/Arial|Liberation ?Sans/.test(font)) throw new Error('no font with the metrics of Arial is installed: text would not fit its box');
readdirSync(PICTURES).filter(file => file.endsWith('.dot')).forEach(render);
