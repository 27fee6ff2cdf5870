// One row of the table of hosts.

import { writeText } from '../shared/dom.js';
import { formatCount, formatPercent, heatLevel, UNKNOWN, visibleText } from '../shared/format.js';
import { explainState, formatShare, memoryText, ofCPUs, stateText } from './host-facts.js';
import { sparkPaths } from './host-spark.js';

/**
 * A row that can show one host after another, so that scrolling makes no elements.
 * @param {HTMLTemplateElement} template
 */
export function makeHostRow(template) {
  const element = template.content.firstElementChild.cloneNode(true);
  const part = (selector) => element.querySelector(selector);
  const link = part('.host-link');
  const name = part('.host-link bdi');
  const states = element.querySelectorAll('.host-state');
  const area = part('.spark-area');
  const line = part('.spark-line');
  const cells = Object.fromEntries(
    ['cpu', 'average', 'load', 'memory', 'alerts'].map((one) => [one, part(`td.${one}`)]));
  const cpuValue = part('.cpu-value');
  const loadValue = part('.load-value');
  const loadCPUs = part('.load-cpus');
  const topName = part('.top-name');
  const topUse = part('.top-use');
  const topBelow = part('.name-top');
  let last = {};
  let drawn = '';

  function updateIdentity({ host, key }) {
    element.dataset.key = key;
    const shown = visibleText(host);
    writeText(name, shown);
    link.title = shown;
    link.href = `fleet?${new URLSearchParams({ host })}`;
  }

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

  function updateUse(host) {
    writeText(cpuValue, formatShare(host.cpu_percent));
    // What a host used when it was last heard of is no heat of now.
    cells.cpu.dataset.heat = host.state === 'live' ? heatLevel(host.cpu_percent) : 0;
    writeText(cells.average, formatShare(host.cpu_average_percent));
    writeText(loadValue, host.load ? host.load.load_1.toFixed(2) : UNKNOWN);
    writeText(loadCPUs, host.load && host.cpu_count ? ` / ${formatCount(host.cpu_count)}` : '');
    cells.load.title = host.load ? ofCPUs(host.cpu_count) : '';
    writeText(cells.memory, formatShare(host.memory?.used_percent));
    cells.memory.title = memoryText(host.memory);
    writeText(cells.alerts, host.alerts.map(visibleText).join(', '));
    cells.alerts.title = cells.alerts.textContent;
  }

  /** @param {?import('./host-columns.js').Host} seen what is known of hosts that are seen */
  function updateSeen(seen, { state }) {
    const paths = sparkPaths(seen?.recent_cpu_percent ?? []);
    if (paths.line !== drawn) {
      area.setAttribute('d', paths.area);
      line.setAttribute('d', paths.line);
      drawn = paths.line;
    }
    const [top] = state === 'lost' ? [] : seen?.processes ?? [];
    const topText = top ? visibleText(top.name) : '';
    writeText(topName, topText);
    topName.title = topText;
    writeText(topUse, top ? formatPercent(top.cpu_percent) : '');
    writeText(topBelow, topText);
  }

  return {
    element,
    focusable: link,
    /**
     * @param {import('./host-columns.js').Host} host
     * @param {number} index
     * @param {import('./host-columns.js').Host|undefined} seen
     */
    update(host, index, seen) {
      element.ariaRowIndex = String(index + 2);
      // Scrolling draws the same hosts again, and there is nothing to write then.
      if (last.host === host && last.seen === seen) return;
      if (last.host?.key !== host.key) updateIdentity(host);
      if (last.host !== host) {
        updateState(host);
        updateUse(host);
      }
      updateSeen(seen, host);
      last = { host, seen };
    },
  };
}
