// What to do while the hub is alone: the command that sends another machine's samples here.

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
      // Browsers give the clipboard to safe origins only; then the text is marked to be copied by hand.
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
 * The agent's command for a hub that is seen at some place, and what there is to know about it, with
 * options and names in backquotes.
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
        `Other machines cannot reach ${hostname}. Start the hub with \`--host 0.0.0.0\` and \`--agent-token-file FILE\`, open this page by its name, and the command has that name in it.`,
        'From this machine it works as it stands; give the agent another name with `--name`.',
      ],
    };
  }
  return {
    command: `${command} --token-file FILE`,
    notes: ['`FILE` holds the token that the hub was started with: `--agent-token-file`. Without one the hub takes agents from its own machine only.'],
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
