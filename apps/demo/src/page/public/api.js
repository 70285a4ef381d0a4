/** Asks the server and tells listeners where the answer came from and how long it took. */
const listeners = [];

/** @param {(entry: { what: string, source: string, ms: number, queries: number }) => void} listener */
export function onAnswer(listener) {
  listeners.push(listener);
}

export async function ask(what, path, { method = 'GET', body } = {}) {
  const response = await fetch(path, {
    method,
    // The browser's own cache would answer in place of the server, and makes equal requests wait for one another.
    cache: 'no-store',
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error([answer.message].flat().join('; '));
  for (const listener of listeners) listener({ what, ...answer });
  return answer;
}

/** @param place.bypass true asks the twin of the endpoint that has no cache */
export function nearest({ lat, lon, limit, bypass }) {
  const path = bypass ? 'cities/nearest/uncached' : 'cities/nearest';
  return ask(`nearest ${lat}, ${lon}`, `${path}?${new URLSearchParams({ lat, lon, limit })}`);
}

export const city = (id, name) => ask(`city ${name}`, `cities/${id}`);
export const changeCity = (id, change) => ask(`save ${change.name}`, `cities/${id}`, { method: 'PATCH', body: change });
export const visits = (id, name) => ask(`visits of ${name}`, `cities/${id}/visits`);
export const visit = (id, name) => ask(`visit ${name}`, `cities/${id}/visits`, { method: 'POST' });
export const countries = () => ask('countries', 'countries');
export const statistics = (code) => ask(`statistics ${code}`, `countries/${code}/statistics`);
export const worldMap = () => ask('map', 'cities/map');
