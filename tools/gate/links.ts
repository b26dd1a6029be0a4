import { existsSync, statSync } from 'node:fs';
import * as path from 'node:path';
import type { Finding } from './findings';
import { headingsOf } from './markdown';
import { files, read, REPOSITORY_URL, ROOT } from './repository';

/**
 * Links of pages, and absolute links to this repository anywhere. The gate has no network: of other addresses it
 * checks the form.
 */

interface Link {
  readonly line: number;
  readonly target: string;
}

const RAW_URL = REPOSITORY_URL.replace('https://github.com/', 'https://raw.githubusercontent.com/');
const TO_REPOSITORY = new RegExp(`^(?:${REPOSITORY_URL}/(?:blob|tree|raw)|${RAW_URL})/main/?([^?#]*)(?:#(.*))?$`);
const LOCAL = /^https?:\/\/(localhost|127\.0\.0\.1|\d+\.\d+\.\d+\.\d+)([:/]|$)/;
const IS_PAGE = /\.md$|^llms\.txt$/;
const HAS_TEXT = /\.(md|ts|js|cjs|mjs|py|java|yml|txt|toml|dot)$/;
/** Recorded by others. */
const NOT_OURS = /^test\/recorded\/cases\/|^integ\/[^/]+\.snapshot\/|^package-lock\.json$/;

export function linkFindings(): Finding[] {
  const pages = files().filter(file => IS_PAGE.test(file));
  const others = files().filter(file => !IS_PAGE.test(file) && HAS_TEXT.test(file) && !NOT_OURS.test(file));
  return [
    ...pages.flatMap(file => findingsIn(file, linksIn(read(file)))),
    ...others.flatMap(file => findingsIn(file, addressesIn(read(file)).filter(({ target }) => TO_REPOSITORY.test(target)))),
  ];
}

function findingsIn(file: string, links: readonly Link[]): Finding[] {
  return links.flatMap(({ line, target }) => {
    const problem = problemOf(file, target);
    return problem === undefined ? [] : [{ file, line, problem: `${target}: ${problem}` }];
  });
}

/** Why a link of a file leads nowhere. */
export function problemOf(file: string, target: string): string | undefined {
  const inRepository = TO_REPOSITORY.exec(target);
  if (inRepository) return problemOfPlace(decodeURI(inRepository[1]).replace(/\/$/, ''), inRepository[2]);
  if (/^mailto:/.test(target)) return undefined;
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return problemOfAddress(target);
  if (target.startsWith('//') || target.startsWith('/')) return 'begin it with the name of a file, or with https://';
  const [place, anchor] = target.split('#');
  const found = place === '' ? file : path.posix.join(path.posix.dirname(file), decodeURI(place)).replace(/\/$/, '');
  return problemOfPlace(found, anchor);
}

function problemOfPlace(place: string, anchor: string | undefined): string | undefined {
  const absolute = path.join(ROOT, place);
  if (place.startsWith('..') || !existsSync(absolute) || !isOurs(place)) return `there is no ${place}`;
  if (anchor === undefined || anchor === '') return undefined;
  if (statSync(absolute).isDirectory()) return 'a folder has no headings';
  if (!place.endsWith('.md')) return /^L\d+/.test(anchor) ? 'lines move: leave the number out' : undefined;
  return anchorsOf(place).has(decodeURI(anchor)) ? undefined : `${place} has no heading with this anchor`;
}

function isOurs(place: string): boolean {
  return place === '' || place === '.' || files().some(file => file === place || file.startsWith(`${place}/`));
}

function problemOfAddress(address: string): string | undefined {
  if (LOCAL.test(address)) return undefined;
  if (!address.startsWith('https://')) return 'use https';
  if (!URL.canParse(address) || !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(new URL(address).hostname)) return 'is not a valid address';
  return undefined;
}

function anchorsOf(page: string): Set<string> {
  let anchors = known.get(page);
  if (!anchors) {
    const text = read(page);
    const named = [...text.matchAll(/<a [^>]*\b(?:name|id)="([^"]+)"/g)].map(([, name]) => name);
    anchors = new Set([...headingsOf(text).map(({ anchor }) => anchor), ...named]);
    known.set(page, anchors);
  }
  return anchors;
}

const known = new Map<string, Set<string>>();

/** The links of a page of Markdown: in brackets, by reference, in HTML, and bare. Code has none. */
export function linksIn(page: string): Link[] {
  const prose = withoutCode(page);
  const inBrackets = find(prose, /\]\(\s*<?([^\s)<>]+)>?(?:\s+"[^"]*")?\s*\)/g);
  const references = find(prose, /^[ \t]*\[[^\]]+\]:\s+<?([^\s<>]+)>?/gm);
  const inHtml = find(prose, /<(?:a|img)\b[^>]*\b(?:href|src)="([^"]+)"/g);
  const linked = new Set([...inBrackets, ...references, ...inHtml].map(({ target }) => target));
  return [...inBrackets, ...references, ...inHtml, ...addressesIn(prose).filter(({ target }) => !linked.has(target))];
}

function addressesIn(text: string): Link[] {
  return find(text, /(https?:\/\/[^\s<>()"'`|\]\\]*[^\s<>()"'`|\]\\.,;:!?*])/g);
}

function find(text: string, pattern: RegExp): Link[] {
  return [...text.matchAll(pattern)].map(match => ({ target: match[1], line: text.slice(0, match.index).split('\n').length }));
}

/** Blanks fenced blocks and code in backticks, line by line. */
function withoutCode(page: string): string {
  let fence: string | undefined;
  return page.split('\n').map(line => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (fence === undefined ? mark !== undefined : mark?.startsWith(fence)) {
      fence = fence === undefined ? mark : undefined;
      return '';
    }
    return fence === undefined ? line.replace(/(`+)[^`]*?\1/g, '') : '';
  }).join('\n');
}
