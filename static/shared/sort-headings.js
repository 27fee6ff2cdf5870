// The headings of a table that sort it.

import { find, findAll, send } from './dom.js';

/**
 * Dispatches `choose` events with the sort order that a reader selects.
 * @param {HTMLTableElement} table
 * @param {Object<string, {first: 'ascending'|'descending'}>} columns by name
 * @returns {(settings: {sortColumn: string, sortDirection: string}) => void} update
 */
export function mountSortHeadings(table, columns) {
  const headings = findAll(table, 'th[data-column]');
  /** @type {{sortColumn: string, sortDirection: string}} */
  let settings;

  for (const heading of headings) {
    find(heading, 'button').addEventListener('click', () =>
      send(table, 'choose', nextSort(heading.dataset.column)));
  }

  /**
   * A second click on the same heading reverses the order.
   * @type {(column: string) => Object}
   */
  function nextSort(column) {
    const turned = settings.sortDirection === 'ascending' ? 'descending' : 'ascending';
    const isSame = settings.sortColumn === column;
    return { sortColumn: column, sortDirection: isSame ? turned : columns[column].first };
  }

  return function update(newSettings) {
    settings = newSettings;
    for (const heading of headings) {
      const isSorted = heading.dataset.column === settings.sortColumn;
      heading.ariaSort = isSorted ? settings.sortDirection : null;
    }
  };
}
