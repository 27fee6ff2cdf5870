// One row of the table of hosts.

import { copyOf, findAll, findParts, writeText } from '../shared/dom.js';
import { formatCount, formatPercent, heatLevel, UNKNOWN, visibleText } from '../shared/format.js';
import { explainState, formatShare, memoryText, ofCPUs, stateText } from './host-facts.js';
import { sparkPaths } from './host-spark.js';

/** The selectors of the parts of a row. */
const PARTS = {
  link: '.host-link', name: '.host-link bdi', area: '.spark-area', line: '.spark-line', cpu: 'td.cpu',
  average: 'td.average', load: 'td.load', memory: 'td.memory', alerts: 'td.alerts', cpuValue: '.cpu-value',
  loadValue: '.load-value', loadCPUs: '.load-cpus', topName: '.top-name', topUse: '.top-use',
  topBelow: '.name-top',
};

/** @typedef {Record<keyof typeof PARTS, any>} Parts */

/**
 * A row that can show one host after another, so that scrolling creates no elements.
 * @param {HTMLTemplateElement} template
 */
export function makeHostRow(template) {
  const element = copyOf(template);
  const parts = findParts(element, PARTS);
  const states = findAll(element, '.host-state');
  /** @type {{host?: Host, seen?: Host}} */
  let last = {};
  let drawn = '';

  /** @param {Host} host */
  function updateState(host) {
    const word = host.gone ? 'forgotten' : stateText(host);
    for (const state of states) {
      writeText(state, word);
      state.dataset.state = host.state;
    }
    element.dataset.state = host.state;
    element.title = host.state === 'live' ? '' : explainState(host);
    element.classList.toggle('is-gone', Boolean(host.gone));
  }

  /** @param {Host|undefined} seen the fields of a visible host */
  function updateSpark(seen) {
    const paths = sparkPaths(seen?.recent_cpu_percent ?? []);
    if (paths.line === drawn) return;
    parts.area.setAttribute('d', paths.area);
    parts.line.setAttribute('d', paths.line);
    drawn = paths.line;
  }

  return {
    element,
    focusable: parts.link,
    /**
     * @param {Host} host
     * @param {number} index
     * @param {Host|undefined} seen
     */
    update(host, index, seen) {
      element.ariaRowIndex = String(index + 2);
      // Scrolling draws the same hosts again; then there is nothing to write.
      if (last.host === host && last.seen === seen) return;
      if (last.host?.key !== host.key) {
        element.dataset.key = host.key;
        updateName(parts, host);
      }
      if (last.host !== host) {
        updateState(host);
        updateUse(parts, host);
      }
      updateSpark(seen);
      updateTop(parts, seen, host);
      last = { host, seen };
    },
  };
}

/** @type {(parts: Parts, host: Host) => void} */
function updateName({ name, link }, { host }) {
  const shown = visibleText(host);
  writeText(name, shown);
  link.title = shown;
  link.href = `fleet?${new URLSearchParams({ host })}`;
}

/** @type {(parts: Parts, host: Host) => void} */
function updateUse(parts, host) {
  writeText(parts.cpuValue, formatShare(host.cpu_percent));
  // The last CPU use of a silent host is not its current one.
  parts.cpu.dataset.heat = host.state === 'live' ? heatLevel(host.cpu_percent) : 0;
  writeText(parts.average, formatShare(host.cpu_average_percent));
  writeText(parts.loadValue, host.load ? host.load.load_1.toFixed(2) : UNKNOWN);
  writeText(parts.loadCPUs, host.load && host.cpu_count ? ` / ${formatCount(host.cpu_count)}` : '');
  parts.load.title = host.load ? ofCPUs(host.cpu_count) : '';
  writeText(parts.memory, formatShare(host.memory?.used_percent));
  parts.memory.title = memoryText(host.memory);
  writeText(parts.alerts, host.alerts.map(visibleText).join(', '));
  parts.alerts.title = parts.alerts.textContent;
}

/** @type {(parts: Parts, seen: Host|undefined, host: Host) => void} */
function updateTop({ topName, topUse, topBelow }, seen, { state }) {
  const [top] = state === 'lost' ? [] : seen?.processes ?? [];
  const text = top ? visibleText(top.name) : '';
  writeText(topName, text);
  topName.title = text;
  writeText(topUse, top ? formatPercent(top.cpu_percent) : '');
  writeText(topBelow, text);
}
