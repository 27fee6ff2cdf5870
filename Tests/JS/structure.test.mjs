// The structure of the pages' modules.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const ROOT = fileURLToPath(new URL('../../static/', import.meta.url));
const LONGEST_FUNCTION = 80;

const modules = ['.', 'shared', 'stats', 'fleet'].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.js')).map((name) => join(folder, name)));

/** @param {string} path */
const read = (path) => readFileSync(join(ROOT, path), 'utf8');

/** The modules that a module imports when it runs. @param {string} path @returns {string[]} */
function importsOf(path) {
  const code = read(path).replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/from '(\.[^']+)'/g)].map(([, name]) => normalize(join(dirname(path), name)));
}

/** A module with all of its imports, direct and indirect. @param {string} root @returns {Set<string>} */
function needsOf(root) {
  const found = new Set([root]);
  for (const path of found) for (const name of importsOf(path)) found.add(name);
  return found;
}

const FUNCTION = /^(?:export )?(?:async )?function\*? (\w+)[^]*?^}(?!\))/gm;
const ARROW = /^(?:export )?const (\w+) = (?:async )?(?:\w+|\([^)]*\)) => \{$[^]*?^}(?!\))/gm;
const METHOD = /^ {2}(?:(?:static|async|get|set) )*\*?(#?\w+)\((?:[^()]|\([^()]*\))*\) \{$[^]*?^ {2}}(?!\))/gm;

/** The functions of a module, each with its number of lines; those within another one belong to it.
 * @param {string} code @returns {[string, number][]} */
function functionsOf(code) {
  return [FUNCTION, ARROW, METHOD].flatMap((form) => [...code.matchAll(form)]
    .map(/** @returns {[string, number]} */ ([text, name]) => [name, text.split('\n').length]));
}

test('there are modules', () => assert.ok(modules.length > 60));

test(`no function is longer than ${LONGEST_FUNCTION} lines`, () => {
  const long = modules.flatMap((path) => functionsOf(read(path)).filter(([, lines]) => lines > LONGEST_FUNCTION)
    .map(([name, lines]) => `${path}: ${name} has ${lines} lines`));
  assert.deepEqual(long, []);
});

test('every form of a function is measured', () => {
  const body = 'x();\n'.repeat(3);
  for (const [code, name, lines] of /** @type {[string, string, number][]} */ ([
    [`function a() {\n${body}}`, 'a', 5], [`export async function* a(b = {}) {\n${body}}`, 'a', 5],
    [`export const a = async (b, c) => {\n${body}};`, 'a', 5], [`const a = b => {\n${body}};`, 'a', 5],
    [`class B {\n  static async #a(b) {\n${body}  }\n}`, '#a', 5],
    [`function a({\n  b,\n}) {\n${body}}`, 'a', 7], [`class B {\n  a({\n    b = c(),\n  }) {\n${body}  }\n}`, 'a', 7],
  ])) assert.deepEqual(functionsOf(code), [[name, lines]], code);
});

test('shared modules import nothing from a page, and no page imports from the other', () => {
  const wrong = modules.flatMap((path) => importsOf(path).map((name) => [dirname(path), dirname(name), path]))
    .filter(([from, to]) => (from === 'shared' && to !== 'shared') || (from === 'stats' && to === 'fleet')
      || (from === 'fleet' && to === 'stats'));
  assert.deepEqual(wrong, []);
});

for (const [page, controller] of [['stats.html', 'client.js'], ['hosts.html', 'fleet/hosts.js']]) {
  test(`${page} preloads exactly the modules that it needs`, () => {
    const preloaded = [...read(page).matchAll(/rel="modulepreload" href="([^"]+)"/g)].map(([, name]) => name);
    const needed = [...needsOf(controller)].filter((name) => name !== controller);
    assert.deepEqual(preloaded, needed.sort());
    assert.match(read(page), new RegExp(`<script type="module" src="${controller}">`));
  });
}

test('every module is part of a page or of its worker', () => {
  const used = new Set(['client.js', 'fleet/hosts.js', 'stats/events-worker.js'].flatMap((root) => [...needsOf(root)]));
  assert.deepEqual(modules.filter((path) => !used.has(normalize(path))), []);
});
