import { onAnswer } from './api.js';
import { element, milliseconds, number } from './format.js';

const KEPT = 60;
const PATIENCE = 150;
const entries = [];
const find = (selector) => document.querySelector(selector);
let pending;

export function startHistory() {
  onAnswer((entry) => {
    entries.unshift(entry);
    entries.length = Math.min(entries.length, KEPT);
    showLast(entry);
    showMedians();
    showList();
  });
}

/** Where many answers came from, in one sentence: `20 in a row: 1 database, 19 memory`. */
export function summarise(title, answers) {
  const parts = ['database', 'redis', 'joined', 'memory']
    .map((source) => [answers.filter((answer) => answer.source === source).length, source])
    .filter(([count]) => count > 0)
    .map(([count, source]) => `${count} ${source}`);
  announce(`${title}: ${parts.join(', ')}`);
}

/** Waits a moment, so that a screen reader hears the end of a quick series and not each step of it. */
function announce(sentence) {
  clearTimeout(pending);
  pending = setTimeout(() => (find('#status').textContent = sentence), PATIENCE);
}

function statements(queries) {
  if (queries === 0) return 'no SQL';
  return queries === 1 ? '1 SQL statement' : `${queries} SQL statements`;
}

function chip(source) {
  return element('span', { class: 'chip', 'data-source': source }, source);
}

function showLast({ what, source, ms, queries }) {
  const figure = element('p', { class: 'figure', 'data-source': source }, milliseconds(ms), chip(source));
  find('#last').replaceChildren(figure);
  announce(`${what}: ${source}, ${statements(queries)}`);
}

/** Medians compare like with like: the nearest-cities query only. */
function median(source) {
  const times = entries.filter((entry) => entry.source === source && entry.what.startsWith('nearest'));
  const sorted = times.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function showMedians() {
  const database = median('database');
  const memory = median('memory');
  find('#median-database').textContent = database === undefined ? '–' : milliseconds(database);
  find('#median-memory').textContent = memory === undefined ? '–' : milliseconds(memory);
  find('#ratio').textContent = database && memory ? `${number(database / memory)}×` : '–';
}

function showList() {
  const longest = Math.max(...entries.map(({ ms }) => ms));
  find('#history').replaceChildren(...entries.map((entry) => row(entry, longest)));
}

function row({ what, source, ms }, longest) {
  const filled = element('i');
  // set from script: the page's policy allows no style attributes
  filled.style.setProperty('--share', `${(ms / longest) * 100}%`);
  return element(
    'li',
    { 'data-source': source },
    element('span', { class: 'what' }, what),
    chip(source),
    element('span', { class: 'ms' }, milliseconds(ms)),
    element('span', { class: 'bar', 'aria-hidden': 'true' }, filled),
  );
}
