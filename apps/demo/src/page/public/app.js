import { nearest } from './api.js';
import { openCity, startCity } from './city.js';
import { showStatistics, startCountries } from './country.js';
import { country, element, kilometres, number } from './format.js';
import { guard } from './guard.js';
import { startHistory, summarise } from './history.js';
import { mark, startMap } from './map.js';

const PRESETS = [
  ['Paris', 48.8566, 2.3522],
  ['Nairobi', -1.2864, 36.8172],
  ['Tokyo', 35.6762, 139.6503],
  ['São Paulo', -23.5505, -46.6333],
  ['Reykjavík', 64.1466, -21.9426],
  ['Point Nemo', -48.8767, -123.3933],
];
const TIMES = 20;
const find = (name) => document.querySelector(`#${name}`);
const readPlace = () => ({
  lat: find('lat').value,
  lon: find('lon').value,
  limit: find('limit').value,
  bypass: find('bypass').checked,
});
let searches = 0;
let opened;

function choose({ lat, lon }) {
  find('lat').value = lat;
  find('lon').value = lon;
  showChosen();
}

function showChosen() {
  const { lat, lon } = readPlace();
  for (const button of document.querySelectorAll('#presets button')) {
    button.setAttribute('aria-pressed', String(button.dataset.place === `${lat},${lon}`));
  }
}

async function search() {
  const place = readPlace();
  const turn = ++searches;
  const answer = await nearest(place);
  if (turn === searches) {
    // otherwise a later search has been started: its answer is the one to show
    mark({ lat: Number(place.lat), lon: Number(place.lon) }, answer.data);
    showCities(answer.data);
  }
  return answer;
}

function showCities(cities) {
  const rows = cities.map((found, index) => {
    const name = element('span', { class: 'name' }, `${found.name} `, element('small', {}, country(found.country)));
    const button = element(
      'button',
      { type: 'button', 'data-id': found.id },
      element('span', { class: 'rank' }, String(index + 1)),
      name,
      element('span', { class: 'people' }, number(found.population)),
      element('span', { class: 'km' }, kilometres(found.km)),
    );
    button.addEventListener('click', () => guard(() => open(found)));
    return element('li', {}, button);
  });
  find('nearest').replaceChildren(...rows);
  showOpened();
  find('nearest-note').textContent = 'Choose one to open its profile.';
}

function showOpened() {
  for (const button of document.querySelectorAll('#nearest button')) {
    button.setAttribute('aria-current', String(button.dataset.id === String(opened)));
  }
}

async function open(found) {
  opened = found.id;
  showOpened();
  await openCity(found);
  await showStatistics(found.country);
}

async function repeat() {
  const answers = [];
  // one after the other, as one visitor would
  for (let i = 0; i < TIMES; i += 1) answers.push(await search());
  summarise(`${TIMES} in a row`, answers);
}

/** A place nobody asked for yet, asked for by many at once: one runs the query, the others wait for it. */
async function rush() {
  const { lat, lon } = readPlace();
  choose({ lat: nearby(lat), lon: nearby(lon) });
  const answers = await Promise.all(Array.from({ length: TIMES }, search));
  summarise(`${TIMES} at once`, answers);
}

function nearby(degrees) {
  return (Number(degrees) + (Math.random() - 0.5) / 10).toFixed(4);
}

for (const [name, lat, lon] of PRESETS) {
  const button = element('button', { type: 'button', 'data-place': `${lat},${lon}`, 'aria-pressed': 'false' }, name);
  button.addEventListener('click', () => {
    choose({ lat, lon });
    guard(search);
  });
  find('presets').append(button);
}
find('place').addEventListener('submit', (event) => {
  event.preventDefault();
  guard(search);
});
find('place').addEventListener('input', showChosen);
find('repeat').addEventListener('click', () => guard(repeat));
find('rush').addEventListener('click', () => guard(rush));
startCity(search);
showChosen();
startHistory();
guard(() =>
  Promise.all([
    startMap((place) => {
      choose(place);
      guard(search);
    }),
    startCountries(),
  ]),
);
