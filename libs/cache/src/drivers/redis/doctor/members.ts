import type { Member } from '../../../core/doctor/facts.js';

/** The lines of CLUSTER NODES: `id host:port@bus,name flags primary ping pong epoch link slot slot-slot [slot->-id] …`. */
export function membersOf(reply: unknown): readonly Member[] {
  return String(reply)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(memberOf);
}

function memberOf(line: string): Member {
  const [id = '', place = '', flags = '', primary = '-', , , , , ...slots] = line.trim().split(' ');
  const address = place.replace(/@.*$/, '');
  return {
    id,
    // Before it has met others a node does not know its own host.
    address: address.startsWith(':') ? '' : address,
    hostname: /,([^,=]+)(?:,|$)/.exec(place)?.[1] ?? '',
    flags: new Set(flags.split(',')),
    primary: primary === '-' ? undefined : primary,
    slots: slots.filter((slot) => !slot.startsWith('[')).map(rangeOf),
    moving: slots.filter((slot) => slot.startsWith('[')).length,
  };
}

function rangeOf(text: string): readonly [number, number] {
  const [first = '', last = first] = text.split('-');
  return [Number(first), Number(last)];
}
