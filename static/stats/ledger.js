// Where the CPU time went: the answer of /system as the figures that the page shows. No DOM.

/** @type {(pair: {now: any, window: any}|undefined, basis: Basis) => any} */
const measured = (pair, basis) => (basis === 'now' ? pair?.now : pair?.window) ?? null;

/**
 * @param {?System|undefined} system
 * @param {Basis} basis
 * @returns {?Ledger} null before there are two samples
 */
export function readLedger(system, basis) {
  const ledger = measured(system?.ledger, basis);
  if (!system || !ledger) return null;
  const busy = ledger.busy_percent;
  // Ticks and the clock differ a little, so a full machine may read slightly more than full.
  const capacity = Math.max(system.cpu_count * 100, busy);
  return {
    capacity,
    busy,
    coverage: (system.ledger.window ?? ledger).coverage_percent,
    parts: {
      processes: ledger.processes_percent,
      ended: ledger.ended_children_percent,
      kernel: ledger.kernel_threads_percent + ledger.interrupts_percent,
      steal: ledger.steal_percent,
      unaccounted: ledger.unaccounted_percent,
      idle: capacity - busy,
    },
  };
}

/**
 * What the CPUs did, by the kernel's modes, in percent of one CPU.
 * @param {?System|undefined} system
 * @param {Basis} basis
 */
export function readModes(system, basis) {
  const cpu = measured(system?.cpu, basis);
  if (!system || !cpu) return null;
  const count = system.cpu_count;
  return {
    user: count * (cpu.user_percent + cpu.nice_percent),
    system: count * (cpu.system_percent + cpu.irq_percent + cpu.softirq_percent),
    wait: count * cpu.iowait_percent,
  };
}

/**
 * What the server itself costs.
 * @param {?System|undefined} system
 * @param {Basis} basis
 */
export function readOwnCost(system, basis) {
  const percent = measured(system?.self?.cpu_percent, basis);
  const bytes = system?.self?.rss_bytes ?? null;
  return percent === null || bytes === null ? null : { percent, bytes };
}

/**
 * The newest gap in the samples, while the averages still extend back to it.
 * @param {?System|undefined} system
 */
export function readGap(system) {
  const gap = system?.last_gap;
  if (!system || !gap) return null;
  const endedAt = new Date(gap.ended_at);
  const age = (Date.parse(system.sampled_at) - endedAt.getTime()) / 1000;
  return age <= (system.window_seconds ?? 0) ? { seconds: gap.seconds, endedAt } : null;
}

/**
 * A sentence in pieces, so that command-line options can have their own style.
 * @param {string} text
 * @returns {{text: string, isOption: boolean}[]}
 */
export function splitOptions(text) {
  return text.split(/(--[a-z][\w-]*(?:=[\w.-]*\w)?)/).filter(Boolean)
    .map((piece) => ({ text: piece, isOption: piece.startsWith('--') }));
}
