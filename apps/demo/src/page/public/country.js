import { countries, statistics } from './api.js';
import { country, element, number } from './format.js';
import { guard } from './guard.js';

const select = document.querySelector('#country');
const list = document.querySelector('#statistics');

export async function startCountries() {
  document.querySelector('#country-form').addEventListener('submit', (event) => {
    event.preventDefault();
    guard(() => showStatistics(select.value));
  });
  const { data } = await countries();
  const named = data.map(({ code }) => ({ code, name: country(code) }));
  named.sort((a, b) => a.name.localeCompare(b.name, 'en'));
  select.replaceChildren(...named.map(({ code, name }) => element('option', { value: code }, name)));
  select.value = 'FR';
}

export async function showStatistics(code) {
  select.value = code;
  const { data } = await statistics(code);
  const facts = {
    Cities: number(data.cities),
    'People in them': number(data.population),
    Mean: number(data.meanPopulation),
    Median: number(data.medianPopulation),
    Largest: `${data.largest.name}, ${number(data.largest.population)}`,
  };
  const rows = Object.entries(facts).map(([term, value]) =>
    element('div', {}, element('dt', {}, term), element('dd', {}, value)),
  );
  list.replaceChildren(...rows);
}
