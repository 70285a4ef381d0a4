import { changeCity, city, visit, visits } from './api.js';
import { country, number } from './format.js';
import { guard } from './guard.js';

const find = (id) => document.querySelector(id);
let shown;

/** @param onChange called after a save, so that lists can be asked for again */
export function startCity(onChange) {
  find('#edit').addEventListener('submit', (event) => {
    event.preventDefault();
    guard(async () => {
      const change = { name: find('#edit-name').value, population: wholeNumber(find('#edit-population').value) };
      const { data } = await changeCity(shown.id, change);
      show(data);
      await onChange();
    });
  });
  find('#visit').addEventListener('click', () =>
    guard(async () => {
      showVisits(await visit(shown.id, shown.name));
    }),
  );
}

export async function openCity({ id, name }) {
  const [profile, counter] = await Promise.all([city(id, name), visits(id, name)]);
  show(profile.data);
  showVisits(counter);
  find('#city-title').focus({ preventScroll: true });
  const { top } = find('#city').getBoundingClientRect();
  if (top > innerHeight * 0.8) find('#city').scrollIntoView({ block: 'start' });
}

function showVisits({ data }) {
  find('#visits').textContent = number(data.visits);
  find('#visits-unit').textContent = data.visits === 1 ? 'visit' : 'visits';
}

/** '2 138 551' and '2,138,551' are numbers too; what is none is left to the server to refuse. */
function wholeNumber(text) {
  const digits = text.replace(/[\s,]/g, '');
  return /^-?\d+(\.\d+)?$/.test(digits) ? Number(digits) : text;
}

function show(profile) {
  shown = profile;
  const { name, population, latitude, longitude, version } = profile;
  find('#city-title').textContent = name;
  find('#city-facts').textContent =
    `${country(profile.country)} · ${number(population)} people · ${latitude}, ${longitude} · row version ${version}`;
  find('#edit-name').value = name;
  find('#edit-population').value = population;
  find('#city-empty').hidden = true;
  find('#city-body').hidden = false;
}
