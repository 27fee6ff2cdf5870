// Texts and numbers as the page shows them.

import {
  formatBytes, formatBytesOf, formatCount, formatCoverage, formatSeconds, formatSpan, heatLevel, visibleText,
} from '../../static/shared/format.js';
import { cases } from './cases.mjs';

cases('nothing in a name stays hidden', visibleText, [
  ['plain', 'plain'],
  ['Ünï-日本', 'Ünï-日本'],
  ['a\nb\tc', 'a↵b⇥c'],
  ['\x1b[31mred', '‹U+001B›[31mred'],
  ['\x7f\x85', '‹U+007F›‹U+0085›'],
  ['\u202eevil\u2066', '‹U+202E›evil‹U+2066›'],
  ['zero\u200bwidth\ufeff', 'zero‹U+200B›width‹U+FEFF›'],
  ['tag\u{e0041}', 'tag‹U+E0041›'],
  ['', '(empty)'],
  ['  ', '␣␣'],
]);

cases('bytes', formatBytes, [
  [0, '0 B'], [999, '999 B'], [1000, '1.0 KiB'], [4096, '4.0 KiB'], [150 * 2 ** 20, '150 MiB'],
  [1023 * 2 ** 20, '1.0 GiB'], [3.5 * 2 ** 30, '3.5 GiB'], [5000 * 2 ** 40, '5000 TiB'], [null, '–'],
]);

cases('bytes of a budget', formatBytesOf, [
  [12 * 2 ** 20, 256 * 2 ** 20, '12.0 of 256 MiB'], [0, 4 * 2 ** 20, '0.0 of 4.0 MiB'],
  [300 * 2 ** 20, 2 * 2 ** 30, '0.3 of 2.0 GiB'],
]);

cases('coverage is never rounded up', formatCoverage, [
  [100, '100.0 %'], [99.99, '99.9 %'], [99.8, '99.8 %'], [0, '0.0 %'],
]);

cases('spans', formatSpan, [
  [0.2, '< 1 s'], [1, '1 s'], [119.9, '119 s'], [120, '2 min'], [7200, '2 h'], [172_799, '47 h'],
  [172_800, '2 d'],
]);

cases('measured lengths', formatSeconds, [
  [1.0003, '1 s'], [0.97, '1 s'], [0.1, '0.1 s'], [2.5, '2.5 s'], [59.98, '60 s'],
]);

cases('heat', heatLevel, [[null, 0], [9.99, 0], [10, 1], [50, 2], [70, 3], [90, 4], [800, 4]]);

cases('counts are grouped', formatCount, [[1234567, '1\u202f234\u202f567']]);
