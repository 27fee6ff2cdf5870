// What to do while the hub has no other host: the command that sends another machine's samples to it.

import { find, writeText } from '../shared/dom.js';

/**
 * @param {HTMLElement} element
 * @returns {(state: FleetState) => void} update
 */
export function mountAgentHelp(element) {
  const code = find(element, 'code');
  const copy = find(element, 'button');
  const list = find(element, '.agent-notes');
  const { command, notes } = agentCommand(location);
  writeText(code, command);
  list.replaceChildren(...notes.map(makeNote));

  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(command);
      writeText(copy, 'Copied');
    } catch {
      // Browsers allow clipboard access only to secure origins; otherwise the text is selected to be copied by hand.
      getSelection()?.selectAllChildren(code);
      writeText(copy, 'Marked');
    }
    setTimeout(() => writeText(copy, 'Copy'), 2000);
  });

  return function update({ fleet, host, counts }) {
    element.hidden = host !== null || fleet === null || counts.all > 1;
  };
}

/**
 * The agent's command for the hub at an address, and notes about it, with options and names in backquotes.
 * @param {{protocol: string, host: string, hostname: string, pathname: string}} place
 */
export function agentCommand({ protocol, host, hostname, pathname }) {
  const scheme = protocol === 'https:' ? 'wss' : 'ws';
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  // A proxy may serve the hub below another path.
  const folder = pathname.slice(0, pathname.lastIndexOf('/') + 1);
  const command = `topserver agent --hub ${scheme}://${host}${folder}webservices/cpu/`;
  if (isLoopback) {
    return {
      command,
      notes: [
        `Other machines cannot reach ${hostname}. Start the hub with \`--host 0.0.0.0\` and \`--agent-token-file FILE\`, and open this page by the name of the machine: the command then contains that name.`,
        'On this machine the command works as it is; give the agent another name with `--name`.',
      ],
    };
  }
  return {
    command: `${command} --token-file FILE`,
    notes: ['`FILE` holds the token of the hub, from `--agent-token-file`. Without a token the hub accepts agents only from its own machine.'],
  };
}

/** @param {string} text with code in backquotes */
function makeNote(text) {
  const item = document.createElement('li');
  item.append(...text.split('`').map((piece, index) => {
    if (index % 2 === 0) return piece;
    const code = document.createElement('code');
    code.textContent = piece;
    return code;
  }));
  return item;
}
