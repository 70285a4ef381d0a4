import { worldMap } from './api.js';

/** Equirectangular, from 84° north to 58° south (the style sheet has the same shape): beyond live too few to show. */
const NORTH = 84;
const canvas = document.querySelector('#map');
let squares = [];
let chosen;
let found = [];

export async function startMap(pick) {
  canvas.addEventListener('click', ({ offsetX, offsetY }) => {
    const degree = canvas.clientWidth / 360;
    pick({ lat: tenth(NORTH - offsetY / degree), lon: tenth(offsetX / degree - 180) });
  });
  new ResizeObserver(draw).observe(canvas);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  squares = (await worldMap()).data;
  draw();
}

export function mark(place, cities) {
  chosen = place;
  found = cities;
  draw();
}

const tenth = (value) => Math.round(value * 10) / 10;

function draw() {
  const scale = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * scale;
  canvas.height = canvas.clientHeight * scale;
  const degree = canvas.width / 360;
  const pen = canvas.getContext('2d');
  const colour = (name) => getComputedStyle(canvas).getPropertyValue(name);
  const circle = ({ lat, lon }, radius) => {
    pen.beginPath();
    pen.arc((lon + 180) * degree, (NORTH - lat) * degree, radius, 0, 2 * Math.PI);
  };

  pen.fillStyle = colour('--dot');
  for (let i = 0; i < squares.length; i += 3) {
    pen.globalAlpha = Math.min(1, 0.45 + Math.log10(squares[i + 2]) * 0.3);
    circle({ lon: squares[i] + 0.5, lat: squares[i + 1] + 0.5 }, Math.max(degree * 0.46, scale * 0.7));
    pen.fill();
  }
  pen.globalAlpha = 1;
  pen.fillStyle = colour('--database');
  for (const { longitude, latitude } of found) {
    circle({ lon: longitude, lat: latitude }, 2.2 * scale);
    pen.fill();
  }
  if (!chosen) return;
  pen.strokeStyle = colour('--accent');
  pen.lineWidth = 2 * scale;
  circle(chosen, 8 * scale);
  pen.stroke();
}
