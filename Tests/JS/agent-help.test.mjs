// The command that starts an agent for this hub.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { agentCommand } from '../../static/fleet/agent-help.js';

const places = [
  [{ protocol: 'http:', host: 'hub.lan:8845', hostname: 'hub.lan', pathname: '/fleet' },
    'topserver agent --hub ws://hub.lan:8845/webservices/cpu/ --token-file FILE'],
  [{ protocol: 'https:', host: 'hub.lan', hostname: 'hub.lan', pathname: '/fleet' },
    'topserver agent --hub wss://hub.lan/webservices/cpu/ --token-file FILE'],
  [{ protocol: 'https:', host: 'lan', hostname: 'lan', pathname: '/top/fleet' },
    'topserver agent --hub wss://lan/top/webservices/cpu/ --token-file FILE'],
  [{ protocol: 'http:', host: '[::1]:8845', hostname: '[::1]', pathname: '/fleet' },
    'topserver agent --hub ws://[::1]:8845/webservices/cpu/'],
];
for (const [place, command] of places) {
  test(`the command contains the hub's address as the page knows it: ${place.host}`, () => {
    const made = agentCommand(place);
    assert.equal(made.command, command);
    assert.ok(made.notes.join(' ').includes('--agent-token-file'));
  });
}
